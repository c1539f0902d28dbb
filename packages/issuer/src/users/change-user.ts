/** What administrators change of a user, and the user's end. What happens to the user's tokens is `revocation/revoke.ts`. */
import * as z from 'zod';
import { IssuerError } from '../errors.ts';
import { query } from '../store/query.ts';
import type { Transaction } from '../store/store.ts';
import { assertUsername, newUserSchema, type User } from './users.ts';

/** Members that are not there stay as they are. */
const userChangeSchema = z.strictObject({
  username: z.string().optional(),
  roles: newUserSchema.shape.roles.unwrap().optional(),
  /** `null`: of no tenant. */
  tenant: newUserSchema.shape.tenant.nullable(),
  disabled: z.boolean().optional(),
});
export type UserChange = z.input<typeof userChangeSchema>;

const update = query(
  (
    db,
    p: { id: string; username: string; roles: string; tenant: string | null; disabled: number | null; now: number },
  ) =>
    db
      .updateTable('user_account')
      .set({ username: p.username, roles: p.roles, tenant: p.tenant, disabled_ms: p.disabled, updated_ms: p.now })
      .where('id', '=', p.id),
);

const named = query((db, p: { username: string }) =>
  db.selectFrom('user_account').select('id').where('username', '=', p.username),
);

const remove = query((db, p: { id: string }) => db.deleteFrom('user_account').where('id', '=', p.id));

/**
 * As part of `tx`, which holds `user`.
 *
 * @returns the user as it is then.
 * @throws {IssuerError} `user_invalid`, `user_exists`.
 */
export async function changeUser(tx: Transaction, user: User, input: UserChange, nowMs: number): Promise<User> {
  const parsed = userChangeSchema.safeParse(input);
  if (!parsed.success) throw new IssuerError('user_invalid', z.prettifyError(parsed.error));
  const { roles = user.roles, tenant = user.tenant ?? null, disabled = user.disabled } = parsed.data;
  const username = parsed.data.username === undefined ? user.username : assertUsername(parsed.data.username);
  const other = await tx.first(named, { username });
  if (other !== undefined && other.id !== user.id) throw new IssuerError('user_exists');
  const row = { id: user.id, username, roles: JSON.stringify(roles), tenant, disabled: disabled ? nowMs : null };
  await tx.run(update, { ...row, now: nowMs });
  return { ...user, username, roles, tenant: tenant ?? undefined, disabled, updatedMs: nowMs };
}

/** As part of `tx`; of the user's sessions none is left. @returns false without such a user. */
export async function removeUser(tx: Transaction, id: string): Promise<boolean> {
  return (await tx.run(remove, { id })) === 1;
}
