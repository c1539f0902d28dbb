/**
 * The revocation log: durable, ordered, numbered without gaps. Whoever revokes something calls `append` inside the unit of work that
 * does it, so that the deed and its record are one commit. Telling the verifiers is `feed.ts`.
 *
 * The head row is what orders writers: taking numbers updates it, so a second transaction waits until the first has committed or
 * given its numbers back. Sequence order is commit order, and a reader that has seen `seq` has seen everything before it.
 */
import { query } from '../store/query.ts';
import type { RevocationTable } from '../store/schema.ts';
import type { Reader, Store, Transaction } from '../store/store.ts';
import { createId, type Runtime } from '../runtime.ts';
import { recordOf, type NewRevocation, type RevocationRecord } from './record.ts';

/**
 * A record outlives the tokens it hits by the largest clock skew that a verifier may allow: one that starts just after a token's `exp`
 * and is lenient must still learn that the token was revoked.
 */
const LONGEST_CLOCK_SKEW_SECONDS = 300;

export interface LogHead {
  readonly log: string;
  readonly seq: number;
  readonly floor: number;
}

const createHead = query((db, p: { log: string }) =>
  db
    .insertInto('log_head')
    .values({ id: 1, log: p.log, seq: 0, floor: 0 })
    .onConflict((c) => c.column('id').doNothing()),
);

const readHead = query((db) => db.selectFrom('log_head').select(['log', 'seq', 'floor']).where('id', '=', 1));

const takeNumbers = query((db, p: { count: number }) =>
  db
    .updateTable('log_head')
    .set((e) => ({ seq: e('seq', '+', p.count) }))
    .where('id', '=', 1)
    .returning('seq'),
);

const insertRecord = query(
  (db, p: { seq: number; kind: RevocationTable['kind']; holder: string; before: number; expires: number }) =>
    db.insertInto('revocation').values({
      seq: p.seq,
      kind: p.kind,
      holder: p.holder,
      before_seconds: p.before,
      expires_seconds: p.expires,
    }),
);

const changesAfter = query((db, p: { seq: number; limit: number }) =>
  db.selectFrom('revocation').selectAll().where('seq', '>', p.seq).orderBy('seq').limit(p.limit),
);

const liveAfter = query((db, p: { seq: number; upTo: number; now: number; limit: number }) =>
  db
    .selectFrom('revocation')
    .selectAll()
    .where('seq', '>', p.seq)
    .where('seq', '<=', p.upTo)
    .where('expires_seconds', '>=', p.now)
    .orderBy('seq')
    .limit(p.limit),
);

const expiredSeqs = query((db, p: { now: number; limit: number }) =>
  db
    .selectFrom('revocation')
    .select('seq')
    .where('expires_seconds', '<', p.now)
    .orderBy('expires_seconds')
    .limit(p.limit),
);

const removeRecord = query((db, p: { seq: number }) => db.deleteFrom('revocation').where('seq', '=', p.seq));

const raiseFloor = query((db, p: { floor: number }) =>
  db.updateTable('log_head').set({ floor: p.floor }).where('id', '=', 1).where('floor', '<', p.floor),
);

/** Makes the log on first start. */
export async function createLog(store: Store, runtime: Runtime): Promise<void> {
  await store.execute(createHead, { log: createId(runtime, '') });
}

export async function readLogHead(reader: Reader): Promise<LogHead> {
  const head = await reader.first(readHead, {});
  if (head === undefined) throw new TypeError('the revocation log was not created');
  return head;
}

/**
 * Writes records into the log as part of `tx`, in the order given. Call it last: it makes other writers to the log wait.
 *
 * @returns the last sequence number.
 */
export async function appendRevocations(tx: Transaction, revocations: readonly NewRevocation[]): Promise<number> {
  const head = await tx.first(takeNumbers, { count: revocations.length });
  if (head === undefined) throw new TypeError('the revocation log was not created');
  let seq = head.seq - revocations.length;
  for (const { kind, id, before, expires } of revocations) {
    await tx.run(insertRecord, { seq: ++seq, kind, holder: id, before, expires });
  }
  await tx.announce({ about: 'log' });
  return head.seq;
}

/** The records after `seq`, in order, at most `limit`. */
export async function readChanges(reader: Reader, seq: number, limit: number): Promise<RevocationRecord[]> {
  return (await reader.all(changesAfter, { seq, limit })).map(recordOf);
}

/** Records that still hit something, up to and with `upTo`, a page at a time. */
export async function* readLive(
  reader: Reader,
  upTo: number,
  nowSeconds: number,
  pageSize: number,
): AsyncGenerator<RevocationRecord[]> {
  for (let seq = 0; ;) {
    const page = (
      await reader.all(liveAfter, { seq, upTo, now: nowSeconds - LONGEST_CLOCK_SKEW_SECONDS, limit: pageSize })
    ).map(recordOf);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    seq = page.at(-1)?.seq ?? upTo;
  }
}

/**
 * Removes up to `limit` records that hit nothing any more. Verifiers that are further behind than a removed record will be
 * given a snapshot.
 *
 * @returns how many were removed.
 */
export async function dropExpiredRevocations(store: Store, nowSeconds: number, limit: number): Promise<number> {
  return store.write(async (tx) => {
    const seqs = (await tx.all(expiredSeqs, { now: nowSeconds - LONGEST_CLOCK_SKEW_SECONDS, limit })).map(
      ({ seq }) => seq,
    );
    if (seqs.length === 0) return 0;
    await tx.run(raiseFloor, { floor: Math.max(...seqs) });
    for (const seq of seqs) await tx.run(removeRecord, { seq });
    return seqs.length;
  });
}
