/** Reads the audit: newest first for people, oldest first for the check of the chain. */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { MacKey } from '../secrets/mac.ts';
import type { AuditEventTable } from '../store/schema.ts';
import type { Reader } from '../store/store.ts';
import {
  chainRow,
  newestOfActor,
  newestOfEvent,
  newestOfSubject,
  newestRows,
  readHead,
  readPending,
  rowsAfter,
  signedHead,
  type AuditPosition,
  type Slice,
} from './audit-rows.ts';
import { verifyChain, type ChainFault, type ChainReport, type ChainRow, type SignedHead } from './chain.ts';
import { actorText, type AuditEventName } from './event.ts';

const PAGE = 1_000;
/** Rows that are checked in one go: 2 ms or so. */
const STEP = 200;

export interface AuditFilter {
  readonly event?: string | undefined;
  readonly subject?: string | undefined;
  /** Who did it: `user:ID`, `client:ID`, `issuer`, `operator` or `anonymous`. */
  readonly actor?: string | undefined;
  /** Not before this. */
  readonly sinceMs?: number | undefined;
  /** Before this. */
  readonly untilMs?: number | undefined;
  /** After this one in the answer of a request before. */
  readonly before?: AuditPosition | undefined;
  readonly limit: number;
}

/** Most rows are of these kinds: others are fewer than those of a client or a busy user. */
const FREQUENT: ReadonlySet<string> = new Set<AuditEventName>([
  'login',
  'refresh',
  'client_token',
  'client_authentication',
  'logout',
]);

/** The newest rows first. With several filters the rows of the narrowest are found, and of them those that the others leave out are passed over. */
export async function listAudit(reader: Reader, filter: AuditFilter): Promise<ChainRow[]> {
  const { sinceMs = Number.MIN_SAFE_INTEGER, limit } = filter;
  const matches = auditMatcher(filter);
  const found: ChainRow[] = [];
  // Alone, a filter finds nothing but what is asked for.
  const page =
    [filter.event, filter.subject, filter.actor].filter((each) => each !== undefined).length > 1 ? PAGE : limit;
  for (let from = beginning(filter); ;) {
    const rows = await slice(reader, filter, { ...from, sinceMs, limit: page });
    found.push(...rows.map(chainRow).filter(matches));
    const last = rows.at(-1);
    if (found.length >= limit || last === undefined || rows.length < page) return found.slice(0, limit);
    from = { atMs: last.at_ms, seq: last.seq };
  }
}

/** Whether a row is one that the filter asks for; where it stands is not looked at. */
export function auditMatcher({ event, subject, actor, sinceMs, untilMs }: Omit<AuditFilter, 'before' | 'limit'>) {
  // Quotes within texts are escaped: this stands nowhere else.
  const by = actor === undefined ? undefined : `"actor":${actorText(actor)}`;
  return (row: ChainRow): boolean =>
    (event === undefined || row.event === event) &&
    (subject === undefined || row.subject === subject) &&
    (by === undefined || row.body.includes(by)) &&
    (sinceMs === undefined || row.atMs >= sinceMs) &&
    (untilMs === undefined || row.atMs < untilMs);
}

function beginning({ before, untilMs = Number.MAX_SAFE_INTEGER }: AuditFilter): AuditPosition {
  return before !== undefined && before.atMs < untilMs ? before : { atMs: untilMs, seq: Number.MIN_SAFE_INTEGER };
}

function slice(reader: Reader, { event, subject, actor }: AuditFilter, from: Slice): Promise<AuditEventTable[]> {
  if (event !== undefined && !FREQUENT.has(event)) return reader.all(newestOfEvent, { event, ...from });
  if (subject !== undefined) return reader.all(newestOfSubject, { subject, ...from });
  if (actor !== undefined) return reader.all(newestOfActor, { actor: actorText(actor), ...from });
  if (event !== undefined) return reader.all(newestOfEvent, { event, ...from });
  return reader.all(newestRows, from);
}

/** The rows after a number, oldest first: what a follower has not seen. */
export async function auditAfter(reader: Reader, seq: number, limit: number = PAGE): Promise<ChainRow[]> {
  return (await reader.all(rowsAfter, { seq, limit })).map(chainRow);
}

export interface AuditReport extends ChainReport {
  /** Events that wait to be sealed, up to a page of them. */
  readonly waiting: number;
}

/** A number and hash of a head that was noted down earlier, outside the database. */
export interface NotedHead {
  readonly seq: number;
  readonly mac: string;
}

/**
 * Checks the whole chain, up to what is sealed when it begins, in steps between which others run. Issuers may go on sealing and pruning
 * meanwhile.
 *
 * @throws The reason of `signal` once it is aborted.
 */
export async function verifyAudit(
  reader: Reader,
  key: MacKey,
  { noted, signal }: { readonly noted?: NotedHead | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<AuditReport> {
  for (;;) {
    const head = await currentHead(reader);
    if (head === undefined) return { ...WITHOUT_HEAD, waiting: await waiting(reader) };
    const report = await verifyChain(key, head, steps(reader, head.seq, signal), noted);
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

async function* steps(reader: Reader, upTo: number, signal: AbortSignal | undefined): AsyncGenerator<ChainRow[]> {
  // From below the first number: a row that was put before the chain's beginning is found too.
  for (let seq = Number.MIN_SAFE_INTEGER; ;) {
    const step = await auditAfter(reader, seq, STEP);
    yield step.filter((row) => row.seq <= upTo);
    seq = step.at(-1)?.seq ?? upTo;
    if (step.length < STEP || seq >= upTo) return;
    // SQLite answers at once, so that nothing else would run until the end.
    await letOthersRun();
    signal?.throwIfAborted();
  }
}
