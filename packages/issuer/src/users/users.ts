/**
 * Users as stored: found by name or subject, created, changed. Passwords are hashed by `passwords.ts`; what happens to a user's
 * tokens when the user changes is `revocation/revoke.ts`.
 */
import * as z from 'zod';
import { IssuerError } from '../errors.ts';
import { createId, type Runtime } from '../runtime.ts';
import { lockRows, query } from '../store/query.ts';
import type { UserAccountTable } from '../store/schema.ts';
import type { Reader, Store, Transaction } from '../store/store.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { Passwords } from './passwords.ts';
import { removeResetTokens } from './reset-tokens.ts';
import { canonicalUsername } from './username.ts';

export interface User {
  /** The subject (`sub`) of this user's tokens. */
  readonly id: string;
  readonly username: string;
  readonly passwordHash: string;
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
  readonly disabled: boolean;
  /** No token is issued to this user before this second. */
  readonly notBeforeSeconds: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

const role = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/u, 'visible ASCII without quotes and backslashes');

/** What a grant looks at of a user. */
export type Standing = Pick<User, 'roles' | 'tenant' | 'disabled' | 'notBeforeSeconds'>;

/** Its columns, for queries that find a user with something else. */
export const STANDING_COLUMNS = [
  'user_account.roles',
  'user_account.tenant',
  'user_account.disabled_ms',
  'user_account.not_before_seconds',
] as const;

/** What makes a user. */
export const newUserSchema = z.strictObject({
  username: z.string(),
  password: z.string(),
  roles: z.array(role).max(64).default([]),
  tenant: role.optional(),
});
export type NewUser = z.input<typeof newUserSchema>;

const byUsername = query((db, p: { username: string }) =>
  db.selectFrom('user_account').selectAll().where('username', '=', p.username),
);

const byId = query((db, p: { id: string }) => db.selectFrom('user_account').selectAll().where('id', '=', p.id));

const byIdKept = query((db, p: { id: string }, kind) =>
  lockRows(db.selectFrom('user_account').selectAll().where('id', '=', p.id), kind, 'share'),
);

const byIdLocked = query((db, p: { id: string }, kind) =>
  lockRows(db.selectFrom('user_account').selectAll().where('id', '=', p.id), kind),
);

const insertUser = query(
  (db, p: { id: string; username: string; hash: string; roles: string; tenant: string | null; now: number }) =>
    db
      .insertInto('user_account')
      .values({
        id: p.id,
        username: p.username,
        password_hash: p.hash,
        roles: p.roles,
        tenant: p.tenant,
        disabled_ms: null,
        not_before_seconds: 0,
        created_ms: p.now,
        updated_ms: p.now,
      })
      .onConflict((c) => c.column('username').doNothing()),
);

const replaceHash = query((db, p: { id: string; old: string; hash: string; now: number }) =>
  db
    .updateTable('user_account')
    .set({ password_hash: p.hash, updated_ms: p.now })
    .where('id', '=', p.id)
    .where('password_hash', '=', p.old),
);

const setHash = query((db, p: { id: string; hash: string; now: number }) =>
  db.updateTable('user_account').set({ password_hash: p.hash, updated_ms: p.now }).where('id', '=', p.id),
);

export async function findUserByName(reader: Reader, username: string): Promise<User | undefined> {
  const canonical = canonicalUsername(username);
  if (canonical === undefined) return undefined;
  const row = await reader.first(byUsername, { username: canonical });
  return row && userOf(row);
}

export async function findUser(reader: Reader, id: string): Promise<User | undefined> {
  const row = await reader.first(byId, { id });
  return row && userOf(row);
}

/** The user as it stays until the unit of work is committed. */
export async function keepUser(tx: Transaction, id: string): Promise<User | undefined> {
  const row = await tx.first(byIdKept, { id });
  return row && userOf(row);
}

/** The user, whom nobody else changes or logs in until the unit of work is committed. */
export async function lockUser(tx: Transaction, id: string): Promise<User | undefined> {
  const row = await tx.first(byIdLocked, { id });
  return row && userOf(row);
}

export interface NewUserParts {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly policy: PasswordPolicy;
  readonly runtime: Runtime;
}

/**
 * @param afterwards - Part of the same unit of work.
 * @throws {IssuerError} `user_invalid`, `user_exists`, `password_unacceptable`.
 */
export async function createUser(
  { store, passwords, policy, runtime }: NewUserParts,
  input: NewUser,
  afterwards: (tx: Transaction, user: User) => Promise<void>,
): Promise<User> {
  const parsed = newUserSchema.safeParse(input);
  if (!parsed.success) throw new IssuerError('user_invalid', z.prettifyError(parsed.error));
  const { username, password, roles, tenant } = parsed.data;
  const canonical = assertUsername(username);
  const id = createId(runtime, 'usr_');
  await policy.assertAcceptable(password, canonical);
  const hash = await passwords.hash(password);
  const now = runtime.nowMs();
  const row = { id, username: canonical, hash, roles: JSON.stringify(roles), tenant: tenant ?? null, now };
  const user: User = {
    id,
    username: canonical,
    passwordHash: hash,
    roles,
    tenant,
    disabled: false,
    notBeforeSeconds: 0,
    createdMs: now,
    updatedMs: now,
  };
  return store.write(async (tx) => {
    if ((await tx.run(insertUser, row)) === 0) throw new IssuerError('user_exists');
    await afterwards(tx, user);
    return user;
  });
}

/** The form in which a name is stored. @throws {IssuerError} `user_invalid`. */
export function assertUsername(username: string): string {
  const canonical = canonicalUsername(username);
  if (canonical !== undefined) return canonical;
  throw new IssuerError('user_invalid', 'a user name has 1 to 254 characters, none of them white space or invisible');
}

/** Stores the same password hashed at today's cost. @returns false if it was changed meanwhile. */
export async function upgradeHash(store: Store, user: User, hash: string, nowMs: number): Promise<boolean> {
  return (await store.execute(replaceHash, { id: user.id, old: user.passwordHash, hash, now: nowMs })) === 1;
}

/** Replaces the password, as part of `tx`; tokens that could set it are gone. Revoking what was got with the old one is the caller's. @returns false without such a user. */
export async function setPasswordHash(tx: Transaction, id: string, hash: string, nowMs: number): Promise<boolean> {
  if ((await tx.run(setHash, { id, hash, now: nowMs })) === 0) return false;
  await removeResetTokens(tx, id);
  return true;
}

/** As the row says. */
export function userOf(row: UserAccountTable): User {
  return {
    ...standingOf(row),
    id: row.id,
    username: row.username,
    passwordHash: row.password_hash,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}

/** As the columns say. */
export function standingOf(
  row: Pick<UserAccountTable, 'roles' | 'tenant' | 'disabled_ms' | 'not_before_seconds'>,
): Standing {
  return {
    roles: JSON.parse(row.roles) as string[],
    tenant: row.tenant ?? undefined,
    disabled: row.disabled_ms !== null,
    notBeforeSeconds: row.not_before_seconds,
  };
}
