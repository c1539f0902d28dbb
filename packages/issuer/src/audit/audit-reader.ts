/** Reads the audit: newest first for people, oldest first for the check of the chain. */
import type { MacKey } from '../secrets/mac.ts';
import type { Reader } from '../store/store.ts';
import {
  chainRow,
  readHead,
  readPending,
  rowsAfter,
  rowsBefore,
  rowsOfEventBefore,
  rowsOfSubjectBefore,
  signedHead,
} from './audit-rows.ts';
import { verifyChain, type ChainFault, type ChainReport, type ChainRow, type SignedHead } from './chain.ts';

const PAGE = 1_000;

export interface AuditFilter {
  readonly event?: string | undefined;
  readonly subject?: string | undefined;
  /** Rows with smaller numbers only. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The newest rows first. With both filters the subject's rows are found, and those of other events left out. */
export async function listAudit(reader: Reader, filter: AuditFilter): Promise<ChainRow[]> {
  const { event, subject, before: seq = Number.MAX_SAFE_INTEGER, limit } = filter;
  if (subject === undefined) {
    const rows =
      event === undefined
        ? await reader.all(rowsBefore, { seq, limit })
        : await reader.all(rowsOfEventBefore, { event, seq, limit });
    return rows.map(chainRow);
  }
  const found: ChainRow[] = [];
  for (let below = seq; ;) {
    const page = await reader.all(rowsOfSubjectBefore, { subject, seq: below, limit });
    found.push(...page.filter((row) => event === undefined || row.event === event).map(chainRow));
    below = page.at(-1)?.seq ?? 0;
    if (found.length >= limit || page.length < limit) return found.slice(0, limit);
  }
}

/** The rows after a number, oldest first: what a follower has not seen. */
export async function auditAfter(reader: Reader, seq: number, limit: number = PAGE): Promise<ChainRow[]> {
  return (await reader.all(rowsAfter, { seq, limit })).map(chainRow);
}

export interface AuditReport extends ChainReport {
  /** Events that wait to be sealed, up to a page of them. */
  readonly waiting: number;
}

/** Checks the whole chain, up to what is sealed when it begins. Issuers may go on sealing and pruning meanwhile. */
export async function verifyAudit(
  reader: Reader,
  key: MacKey,
  noted?: { readonly seq: number; readonly mac: string },
): Promise<AuditReport> {
  for (;;) {
    const head = await currentHead(reader);
    if (head === undefined) return { ...WITHOUT_HEAD, waiting: await waiting(reader) };
    const report = await verifyChain(key, head, pages(reader, head.seq), noted);
    const [beyond] = await auditAfter(reader, head.seq, 1);
    const later = await currentHead(reader);
    // Rows went for their age while others were read: what was read is of two states.
    if (later !== undefined && later.floorSeq !== head.floorSeq) continue;
    const added = beyond !== undefined && (later === undefined || beyond.seq > later.seq) ? [beyond.seq] : [];
    const faults = [...report.faults, ...added.map((seq): ChainFault => ({ kind: 'added', seq }))];
    return { ...report, faults, waiting: await waiting(reader) };
  }
}

/** The head is made at the first start: without one there is nothing to hold the rows against. */
const WITHOUT_HEAD: ChainReport = { faults: [{ kind: 'head_altered' }], rows: 0, head: { seq: 0, mac: '' } };

async function currentHead(reader: Reader): Promise<SignedHead | undefined> {
  const row = await reader.first(readHead, {});
  return row && signedHead(row);
}

async function waiting(reader: Reader): Promise<number> {
  return (await reader.all(readPending, { limit: PAGE })).length;
}

async function* pages(reader: Reader, upTo: number): AsyncGenerator<ChainRow[]> {
  // From below the first number: a row that was put before the chain's beginning is found too.
  for (let seq = Number.MIN_SAFE_INTEGER; ;) {
    const page = await auditAfter(reader, seq);
    yield page.filter((row) => row.seq <= upTo);
    seq = page.at(-1)?.seq ?? upTo;
    if (page.length < PAGE || seq >= upTo) return;
  }
}
