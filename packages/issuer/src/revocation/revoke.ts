/**
 * What can be revoked, and the records each writes: all in the caller's unit of work. ADR 5 (families), ADR 6 (`before`). The caller
 * waits for the verifiers' confirmation after the commit.
 */
import { toSeconds } from '../runtime.ts';
import { query } from '../store/query.ts';
import type { Transaction } from '../store/store.ts';
import { nextWholeSecond, statusReference, type NewRevocation } from './record.ts';
import { appendRevocations, readLogHead } from './log.ts';

const markSession = query((db, p: { id: string; now: number; reason: string }) =>
  db
    .updateTable('session')
    .set({ revoked_ms: p.now, revoked_reason: p.reason })
    .where('id', '=', p.id)
    .where('revoked_ms', 'is', null),
);

const markFamiliesOfSession = query((db, p: { session: string; now: number; reason: string }) =>
  db
    .updateTable('refresh_family')
    .set({ revoked_ms: p.now, revoked_reason: p.reason })
    .where('session', '=', p.session)
    .where('revoked_ms', 'is', null),
);

const markFamily = query((db, p: { id: string; now: number; reason: string }) =>
  db
    .updateTable('refresh_family')
    .set({ revoked_ms: p.now, revoked_reason: p.reason })
    .where('id', '=', p.id)
    .where('revoked_ms', 'is', null),
);

const markSessionsOfSubject = query((db, p: { subject: string; now: number; reason: string }) =>
  db
    .updateTable('session')
    .set({ revoked_ms: p.now, revoked_reason: p.reason })
    .where('subject', '=', p.subject)
    .where('revoked_ms', 'is', null),
);

const markFamiliesOfSubject = query((db, p: { subject: string; now: number; reason: string }) =>
  db
    .updateTable('refresh_family')
    .set({ revoked_ms: p.now, revoked_reason: p.reason })
    .where('subject', '=', p.subject)
    .where('revoked_ms', 'is', null),
);

const markFamiliesOfClient = query((db, p: { client: string; now: number; reason: string }) =>
  db
    .updateTable('refresh_family')
    .set({ revoked_ms: p.now, revoked_reason: p.reason })
    .where('client', '=', p.client)
    .where('revoked_ms', 'is', null),
);

const markSessionsOfClient = query((db, p: { client: string; now: number; reason: string }) =>
  db
    .updateTable('session')
    .set({ revoked_ms: p.now, revoked_reason: p.reason })
    .where('client', '=', p.client)
    .where('revoked_ms', 'is', null),
);

const holdUser = query((db, p: { id: string; before: number }) =>
  db.updateTable('user_account').set({ not_before_seconds: p.before }).where('id', '=', p.id),
);

const holdClient = query((db, p: { id: string; before: number; now: number }) =>
  db
    .updateTable('client')
    .set((e) => ({ not_before_seconds: p.before, version: e('version', '+', 1), updated_ms: p.now }))
    .where('id', '=', p.id),
);

const tokensOfFamily = query((db, p: { family: string; now: number }) =>
  db
    .selectFrom('access_token')
    .select(['list', 'idx', 'expires_seconds'])
    .where('family', '=', p.family)
    .where('expires_seconds', '>', p.now),
);

const latestExpiryQuery = query((db) =>
  db.selectFrom('access_token').select((e) => e.fn.max('expires_seconds').as('latest')),
);

/** Between the processes of one issuer, and of one clock that was set back. */
const LARGEST_CLOCK_DIFFERENCE_SECONDS = 10;

export interface Revoking {
  readonly nowMs: number;
  readonly reason: string;
  /** Life of the access tokens issued now. */
  readonly ttlSeconds: number;
}

/** One access token. @returns the record's number. */
export async function revokeToken(
  tx: Transaction,
  list: number,
  index: number,
  expiresSeconds: number,
): Promise<number> {
  const id = statusReference(list, index);
  return appendRevocations(tx, [{ kind: 'token', id, before: 0, expires: expiresSeconds }]);
}

/** A session, its families, and every access token with its `sid`. @returns as {@link revokeSessions}. */
export function revokeSession(tx: Transaction, id: string, revoking: Revoking): Promise<number> {
  return revokeSessions(tx, [id], revoking);
}

/**
 * Several sessions, in one go.
 *
 * @returns the number that verifiers confirm when they know: also of sessions that were revoked before, perhaps a moment ago.
 */
export async function revokeSessions(tx: Transaction, ids: readonly string[], revoking: Revoking): Promise<number> {
  const { nowMs: now, reason } = revoking;
  const records: NewRevocation[] = [];
  // In one order, so that two who revoke the same sessions wait for each other and no more.
  for (const id of [...ids].sort()) {
    await tx.run(markFamiliesOfSession, { session: id, now, reason });
    if ((await tx.run(markSession, { id, now, reason })) === 1) {
      records.push(await holderRecord(tx, 'session', id, revoking));
    }
  }
  return records.length === 0 ? (await readLogHead(tx)).seq : appendRevocations(tx, records);
}

/** A refresh family and its unexpired access tokens, each by name. @returns as {@link revokeSessions}. */
export async function revokeFamily(tx: Transaction, id: string, revoking: Revoking): Promise<number> {
  const { nowMs: now, reason } = revoking;
  if ((await tx.run(markFamily, { id, now, reason })) === 0) return (await readLogHead(tx)).seq;
  const tokens = await tx.all(tokensOfFamily, { family: id, now: toSeconds(now) });
  const records = tokens.map(({ list, idx, expires_seconds: expires }): NewRevocation => {
    return { kind: 'token', id: statusReference(list, idx), before: 0, expires };
  });
  return appendRevocations(tx, [await holderRecord(tx, 'family', id, revoking), ...records]);
}

/** Everything of a user: one record, whatever number of tokens. @returns the record's number. */
export async function revokeSubject(tx: Transaction, id: string, revoking: Revoking): Promise<number> {
  const { nowMs: now, reason } = revoking;
  await tx.run(holdUser, { id, before: nextWholeSecond(now) });
  await tx.run(markFamiliesOfSubject, { subject: id, now, reason });
  await tx.run(markSessionsOfSubject, { subject: id, now, reason });
  const record = await holderRecord(tx, 'subject', id, revoking);
  if (record.before > nextWholeSecond(now)) await tx.run(holdUser, { id, before: record.before });
  return appendRevocations(tx, [record]);
}

/** Everything that was issued to a client. @returns the record's number. */
export async function revokeClient(tx: Transaction, id: string, revoking: Revoking): Promise<number> {
  const { nowMs: now, reason } = revoking;
  await tx.run(holdClient, { id, before: nextWholeSecond(now), now });
  await tx.announce({ about: 'client', id });
  await tx.run(markFamiliesOfClient, { client: id, now, reason });
  await tx.run(markSessionsOfClient, { client: id, now, reason });
  const record = await holderRecord(tx, 'client', id, revoking);
  if (record.before > nextWholeSecond(now)) await tx.run(holdClient, { id, before: record.before, now });
  return appendRevocations(tx, [record]);
}

/** When the last access token that was issued expires, Unix seconds; 0 without any. */
export async function latestTokenExpiry(tx: Transaction): Promise<number> {
  return (await tx.first(latestExpiryQuery, {}))?.latest ?? 0;
}

/** Expires with the last token it could hit, also one that was issued under a longer life than today's. */
async function holderRecord(
  tx: Transaction,
  kind: 'session' | 'family' | 'subject' | 'client',
  id: string,
  { nowMs, ttlSeconds }: Revoking,
): Promise<NewRevocation> {
  const next = nextWholeSecond(nowMs);
  const latest = await latestTokenExpiry(tx);
  const expires = Math.max(next + ttlSeconds, latest);
  // A session never comes back: whatever carries it is hit, also what a process with a faster clock has just issued.
  if (kind === 'session' || kind === 'family') return { kind, id, before: expires, expires };
  // Others do come back, so only as far as the fastest clock that has issued, and no farther than clocks may differ.
  const before = Math.min(Math.max(next, latest - ttlSeconds + 1), next + LARGEST_CLOCK_DIFFERENCE_SECONDS);
  return { kind, id, before, expires };
}
