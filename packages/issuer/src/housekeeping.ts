/**
 * Removes what nobody needs any more, in small steps with pauses between them, so that it never holds others up: expired access-token
 * rows, revocation records that hit nothing, ended sessions with their families, refresh families that were revoked a day ago, audit rows of an age,
 * counts of attempts and reset tokens that have run out. Any number of processes may do it at once.
 */
import type { Logger } from '@sealgate/service';
import type { Kysely } from 'kysely';
import { dropExpiredRevocations } from './revocation/log.ts';
import { toSeconds, type Runtime } from './runtime.ts';
import { query } from './store/query.ts';
import type { Tables } from './store/schema.ts';
import type { Store } from './store/store.ts';

const EVERY_MS = 1_000;
const STEP = 500;
/** Rows of sessions and tokens stay a little longer than they are good: clocks differ, and operators ask what happened. */
const SESSION_GRACE_MS = 24 * 3_600_000;
const TOKEN_GRACE_SECONDS = 60;

const removeAccessTokens = query((db, p: { now: number; limit: number }) =>
  db
    .deleteFrom('access_token')
    .where((e) =>
      e(
        e.refTuple('list', 'idx'),
        'in',
        e
          .selectFrom('access_token')
          .select(['list', 'idx'])
          .where('expires_seconds', '<', p.now)
          .orderBy('expires_seconds')
          .limit(p.limit)
          .$asTuple('list', 'idx'),
      ),
    ),
);

// Refresh families and their tokens go with their session.
const removeSessions = query((db, p: { now: number; limit: number }) =>
  db
    .deleteFrom('session')
    .where(
      'id',
      'in',
      db
        .selectFrom('session')
        .select('id')
        .where('idle_expires_ms', '<', p.now)
        .orderBy('idle_expires_ms')
        .limit(p.limit),
    ),
);

/**
 * A living family keeps the hash of each generation: whichever comes back must be seen as reuse. Of a revoked one nothing is good any
 * more, so after the grace, in which a refusal says "revoked" and not "unknown", it goes: its generations first, which may be thousands.
 */
const revokedFamilies = (db: Kysely<Tables>, p: { now: number; families: number }) =>
  db
    .selectFrom('refresh_family')
    .select('id')
    .where('revoked_ms', 'is not', null)
    .where('revoked_ms', '<', p.now)
    .orderBy('revoked_ms')
    .limit(p.families);

const removeRevokedGenerations = query((db, p: { now: number; limit: number; families: number }) =>
  db
    .deleteFrom('refresh_token')
    .where(
      'hash',
      'in',
      db
        .selectFrom('refresh_token')
        .innerJoin(revokedFamilies(db, p).as('revoked'), 'revoked.id', 'refresh_token.family')
        .select('hash')
        .limit(p.limit),
    ),
);

const removeRevokedFamilies = query((db, p: { now: number; families: number }) =>
  db
    .deleteFrom('refresh_family')
    .where('id', 'in', (e) => e.selectFrom(revokedFamilies(db, p).as('revoked')).select('revoked.id'))
    .where((e) =>
      e.not(
        e.exists(
          e.selectFrom('refresh_token').select('hash').whereRef('refresh_token.family', '=', 'refresh_family.id'),
        ),
      ),
    ),
);

const removeAttemptCounts = query((db, p: { now: number; limit: number }) =>
  db
    .deleteFrom('attempt_count')
    .where(
      'key',
      'in',
      db.selectFrom('attempt_count').select('key').where('ends_ms', '<', p.now).orderBy('ends_ms').limit(p.limit),
    ),
);

const removeResets = query((db, p: { now: number; limit: number }) =>
  db
    .deleteFrom('password_reset')
    .where(
      'hash',
      'in',
      db
        .selectFrom('password_reset')
        .select('hash')
        .where('expires_ms', '<', p.now)
        .orderBy('expires_ms')
        .limit(p.limit),
    ),
);

/** One small step of each kind. @returns whether there is more to remove. */
export async function tidy(store: Store, nowMs: number, limit: number = STEP): Promise<boolean> {
  const now = toSeconds(nowMs);
  const tokens = await store.execute(removeAccessTokens, { now: now - TOKEN_GRACE_SECONDS, limit });
  const sessions = await store.execute(removeSessions, { now: nowMs - SESSION_GRACE_MS, limit: Math.ceil(limit / 10) });
  const families = Math.ceil(limit / 10);
  const revoked = { now: nowMs - SESSION_GRACE_MS, families };
  const generations = await store.execute(removeRevokedGenerations, { ...revoked, limit });
  const ended = await store.execute(removeRevokedFamilies, revoked);
  const revocations = await dropExpiredRevocations(store, now - TOKEN_GRACE_SECONDS, limit);
  const attempts = await store.execute(removeAttemptCounts, { now: nowMs, limit });
  const resets = await store.execute(removeResets, { now: nowMs, limit });
  return (
    [attempts, resets, generations].includes(limit) ||
    ended === families ||
    tokens === limit ||
    sessions === Math.ceil(limit / 10) ||
    revocations === limit
  );
}

/** Tidies now and then. @param pruneAudit - One step, answers how many rows went. @returns the way to stop. */
export function startHousekeeping(
  store: Store,
  runtime: Runtime,
  logger: Logger,
  pruneAudit: (limit: number) => Promise<number>,
): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const round = async () => {
    let more = false;
    try {
      more = await tidy(store, runtime.nowMs());
      more = (await pruneAudit(STEP)) === STEP || more;
    } catch (error) {
      if (!stopped) logger.warn({ err: error }, 'expired rows could not be removed');
    }
    if (!stopped) timer = setTimeout(() => void round(), more ? EVERY_MS / 20 : EVERY_MS * 10).unref();
  };
  timer = setTimeout(() => void round(), EVERY_MS).unref();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
