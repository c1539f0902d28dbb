/**
 * Tokens that let whoever receives a mail set a password: 256 random bits, kept as a hash, good once and for a short time. All of a user
 * are gone when the password changes, by whatever way (`users.ts`).
 */
import { hash } from 'node:crypto';
import type { Runtime } from '../runtime.ts';
import { query } from '../store/query.ts';
import type { Reader, Transaction } from '../store/store.ts';

const PREFIX = 'sgp_';
const SECRET_BYTES = 32;
const PATTERN = /^sgp_[A-Za-z0-9_-]{43}$/u;

const insert = query((db, p: { hash: Uint8Array; user: string; now: number; expires: number }) =>
  db.insertInto('password_reset').values({ hash: p.hash, user: p.user, created_ms: p.now, expires_ms: p.expires }),
);

const live = query((db, p: { hash: Uint8Array; now: number }) =>
  db.selectFrom('password_reset').select('user').where('hash', '=', p.hash).where('expires_ms', '>', p.now),
);

const removeOfUser = query((db, p: { user: string }) => db.deleteFrom('password_reset').where('user', '=', p.user));

/** @returns the token: what the database keeps does not yield it. */
export async function createResetToken(
  tx: Transaction,
  user: string,
  runtime: Runtime,
  lifeMs: number,
): Promise<string> {
  const token = PREFIX + Buffer.from(runtime.random(SECRET_BYTES)).toString('base64url');
  const now = runtime.nowMs();
  await tx.run(insert, { hash: hashOf(token), user, now, expires: now + lifeMs });
  return token;
}

/** Whose password the token may set, if it is good. */
export async function userOfResetToken(reader: Reader, token: string, nowMs: number): Promise<string | undefined> {
  if (!PATTERN.test(token)) return undefined;
  return (await reader.first(live, { hash: hashOf(token), now: nowMs }))?.user;
}

export async function removeResetTokens(tx: Transaction, user: string): Promise<void> {
  await tx.run(removeOfUser, { user });
}

function hashOf(token: string): Buffer {
  return hash('sha256', `sealgate/password-reset/v1${token}`, 'buffer');
}
