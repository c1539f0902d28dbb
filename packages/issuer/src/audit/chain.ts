/**
 * The chain: each row's hash covers its number, its text and the hash before it, under a key that is not in the database, so that
 * whoever holds the database alone can neither change a row nor make the hashes anew. The head says how far the chain reaches, under the same
 * key: a chain that was cut off does not match it. Pure; ADR 13.
 */
import { timingSafeEqual } from 'node:crypto';
import type { MacKey } from '../secrets/mac.ts';
import { factsOf, type EventFacts } from './event.ts';

/** A sealed row. */
export interface ChainRow extends EventFacts {
  readonly seq: number;
  readonly body: string;
  readonly mac: string;
}

/** Where the chain begins (rows up to `floorSeq` were removed for their age) and ends. */
export interface ChainHead {
  readonly floorSeq: number;
  /** Hash of the last row that was removed; empty for a chain that is whole. */
  readonly floorMac: string;
  readonly seq: number;
  /** Hash of the newest row. */
  readonly mac: string;
}

export interface SignedHead extends ChainHead {
  readonly signature: string;
}

/** What the hash of a row covers. */
export function rowMac(key: MacKey, previous: string, seq: number, body: string): string {
  return key.textOf(`row\n${previous}\n${seq}\n${body}`);
}

/** What proves that an issuer wrote an event that waits to be sealed. */
export function pendingMac(key: MacKey, body: string): string {
  return key.textOf(`pending\n${body}`);
}

export function signHead(key: MacKey, head: ChainHead): SignedHead {
  const { floorSeq, floorMac, seq, mac } = head;
  const signature = key.textOf(`head\n${floorSeq}\n${floorMac}\n${seq}\n${mac}`);
  return { floorSeq, floorMac, seq, mac, signature };
}

export function isSame(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** What is wrong with a stored chain. */
export type ChainFault =
  | { readonly kind: 'altered'; readonly seq: number }
  /** Rows are not there. */
  | { readonly kind: 'removed'; readonly from: number; readonly to: number }
  /** Rows at the end are not there. */
  | { readonly kind: 'truncated'; readonly from: number; readonly to: number }
  /** A row that the head does not know. */
  | { readonly kind: 'added'; readonly seq: number }
  | { readonly kind: 'head_altered' }
  /** The chain does not hold what was noted down earlier: an older state of the database was put back. */
  | { readonly kind: 'rolled_back'; readonly seq: number };

export interface ChainReport {
  readonly faults: readonly ChainFault[];
  readonly rows: number;
  readonly head: { readonly seq: number; readonly mac: string };
}

/** Faults that are listed one by one; a chain with more is not worth counting. */
const MOST_FAULTS = 100;

/**
 * Checks rows in order of their numbers, a page at a time, against the head.
 *
 * @param noted - A number and hash that were noted down earlier, outside the database.
 */
export async function verifyChain(
  key: MacKey,
  head: SignedHead,
  pages: AsyncIterable<readonly ChainRow[]> | Iterable<readonly ChainRow[]>,
  noted?: { readonly seq: number; readonly mac: string },
): Promise<ChainReport> {
  const faults: ChainFault[] = [];
  const note = (fault: ChainFault) => void (faults.length < MOST_FAULTS && faults.push(fault));
  if (!isSame(signHead(key, head).signature, head.signature)) note({ kind: 'head_altered' });
  let previous: string | undefined = head.floorMac;
  let next = head.floorSeq + 1;
  let rows = 0;
  let notedFound = noted === undefined || noted.seq <= head.floorSeq;
  for await (const page of pages) {
    for (const row of page) {
      rows++;
      if (row.seq > head.seq || row.seq < next) {
        note({ kind: 'added', seq: row.seq });
        continue;
      }
      if (row.seq > next) {
        note({ kind: 'removed', from: next, to: row.seq - 1 });
        // What this row's hash covers is gone with the row before it.
        previous = undefined;
      }
      if (previous !== undefined && !isIntact(key, previous, row)) note({ kind: 'altered', seq: row.seq });
      else if (previous === undefined && !agrees(row)) note({ kind: 'altered', seq: row.seq });
      if (row.seq === noted?.seq) notedFound = isSame(row.mac, noted.mac);
      previous = row.mac;
      next = row.seq + 1;
    }
  }
  if (next <= head.seq) note({ kind: 'truncated', from: next, to: head.seq });
  else if (previous !== head.mac) note({ kind: 'altered', seq: head.seq });
  if (noted !== undefined && !notedFound) note({ kind: 'rolled_back', seq: noted.seq });
  return { faults, rows, head: { seq: head.seq, mac: head.mac } };
}

function isIntact(key: MacKey, previous: string, row: ChainRow): boolean {
  return isSame(rowMac(key, previous, row.seq, row.body), row.mac) && agrees(row);
}

/** Whether the columns say what the text says. */
function agrees(row: ChainRow): boolean {
  const facts = factsOf(row.body);
  return row.id === facts.id && row.atMs === facts.atMs && row.event === facts.event && row.subject === facts.subject;
}
