/** Users, as administrators see and change them. An administrator of one tenant sees no others, and cannot tell whether there are any. */
import { IssuerError } from '../errors.ts';
import type { Confirmation } from '../revocation/confirmations.ts';
import { revokeSubject } from '../revocation/revoke.ts';
import { removeSessionsOf } from '../sessions/session-pages.ts';
import type { Reader, Transaction } from '../store/store.ts';
import { changeUser, removeUser, type UserChange } from '../users/change-user.ts';
import { pageOfUsers } from '../users/user-pages.ts';
import { createUser, findUser, findUserByName, lockUser, setPasswordHash } from '../users/users.ts';
import type { NewUser, User } from '../users/users.ts';
import { assertUnchanged, pageOf, type AdminContext, type IfMatchOption, type Page } from './context.ts';

/** A user as administrators see one. Times are milliseconds since the Unix epoch. */
export interface UserView {
  /** The subject of the user's tokens. */
  readonly id: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
  readonly disabled: boolean;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface UserFilter {
  readonly tenant?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface UserAdmin {
  /** @throws {IssuerError} `user_invalid`, `user_exists`, `password_unacceptable`. */
  createUser(user: NewUser): Promise<UserView>;
  findUser(username: string): Promise<UserView | undefined>;
  /** @throws {IssuerError} `user_unknown`. */
  readUser(id: string): Promise<UserView>;
  /** By name. */
  listUsers(filter: UserFilter): Promise<Page<UserView>>;
  /**
   * Disabling, and another tenant, end every session and revoke every token. Tokens have new roles from the next refresh on.
   *
   * @throws {IssuerError} `user_unknown`, `user_invalid`, `user_exists`, `changed_meanwhile`.
   */
  changeUser(id: string, change: UserChange, options?: IfMatchOption): Promise<UserView>;
  /** Replaces a password and ends every session. @throws {IssuerError} `user_unknown`, `password_unacceptable`. */
  setPassword(id: string, password: string): Promise<void>;
  /**
   * The password counts no more, every session ends, and a link to set another is mailed.
   *
   * @throws {IssuerError} `user_unknown`, `mail_unavailable`: nothing has changed then.
   */
  forcePasswordReset(id: string): Promise<void>;
  /** Ends every session and revokes every token; the user stays. @throws {IssuerError} `user_unknown`. */
  revokeUser(id: string, options?: { readonly waitMs?: number | undefined }): Promise<Confirmation>;
  /** Ends every session, revokes every token, and forgets the user; the audit stays. @throws {IssuerError} `user_unknown`, `changed_meanwhile`. */
  deleteUser(id: string, options?: IfMatchOption): Promise<void>;
}

export function userAdmin(context: AdminContext): UserAdmin {
  const { parts, caller } = context;
  const { store, runtime, passwords, passwordReset } = parts;

  const isOurs = (user: User | undefined): user is User =>
    user !== undefined && (caller.tenant === undefined || user.tenant === caller.tenant);

  const known = async (find: (reader: Reader, id: string) => Promise<User | undefined>, id: string, reader: Reader) => {
    const user = await find(reader, id);
    if (!isOurs(user)) throw new IssuerError('user_unknown');
    return user;
  };
  const locked = (tx: Transaction, id: string) => known((_reader, user) => lockUser(tx, user), id, tx);

  /** @throws {IssuerError} `user_invalid`. */
  const tenantFor = (asked: string | null | undefined): string | null | undefined => {
    if (caller.tenant === undefined) return asked;
    if (asked === undefined || asked === caller.tenant) return caller.tenant;
    throw new IssuerError('user_invalid', `tenant: you administrate the tenant ${caller.tenant}, and no other`);
  };

  return {
    createUser: async (input) => {
      const { tenant: asked, ...rest } = input;
      const tenant = tenantFor(asked) ?? undefined;
      const told = tenant === undefined ? rest : { ...rest, tenant };
      const user = await createUser(parts, told, (tx, { id }) =>
        context.tell(tx, { event: 'user_created', subject: id }),
      );
      return userView(user);
    },
    findUser: async (username) => {
      const user = await findUserByName(store, username);
      return isOurs(user) ? userView(user) : undefined;
    },
    readUser: async (id) => userView(await known(findUser, id, store)),
    listUsers: async ({ tenant, after = '', limit }) => {
      if (caller.tenant !== undefined && (tenant ?? caller.tenant) !== caller.tenant) {
        return { items: [], next: undefined };
      }
      const rows = await pageOfUsers(store, { tenant: caller.tenant ?? tenant, after, limit: limit + 1 });
      return pageOf(rows, limit, ({ username }) => username, userView);
    },
    changeUser: async (id, input, options = {}) => {
      const tenant = input.tenant === undefined ? undefined : tenantFor(input.tenant);
      const change = tenant === undefined ? input : { ...input, tenant };
      const { view, seq } = await store.write(async (tx) => {
        const user = await locked(tx, id);
        assertUnchanged(userView(user), options);
        const next = await changeUser(tx, user, change, runtime.nowMs());
        const members = Object.keys(change).filter((name) => name !== 'disabled');
        if (members.length > 0) {
          await context.tell(tx, { event: 'user_changed', subject: id, target: `member:${members.join(',')}` });
        }
        if (next.disabled !== user.disabled) {
          await context.tell(tx, { event: next.disabled ? 'user_disabled' : 'user_enabled', subject: id });
        }
        const ends = (next.disabled && !user.disabled) || next.tenant !== user.tenant;
        const revoked = ends ? await revokeSubject(tx, id, context.revoking()) : undefined;
        return { view: userView(next), seq: revoked };
      });
      if (seq !== undefined) await parts.confirmations.wait(seq);
      return view;
    },
    setPassword: async (id, password) => {
      const user = await known(findUser, id, store);
      await parts.policy.assertAcceptable(password, user.username);
      const hash = await passwords.hash(password);
      await context.revoke(async (tx, revoking) => {
        await locked(tx, id);
        await setPasswordHash(tx, id, hash, runtime.nowMs());
        await context.tell(tx, { event: 'user_password_set', subject: id });
        return revokeSubject(tx, id, revoking);
      });
    },
    forcePasswordReset: async (id) => {
      const user = await known(findUser, id, store);
      if (passwordReset === undefined || !passwordReset.reaches(user)) throw new IssuerError('mail_unavailable');
      // Nobody knows what this is the hash of.
      const hash = await passwords.hash(Buffer.from(runtime.random(32)).toString('base64url'));
      let token = '';
      await context.revoke(async (tx, revoking) => {
        await locked(tx, id);
        await setPasswordHash(tx, id, hash, runtime.nowMs());
        token = await passwordReset.createToken(tx, id);
        await context.tell(tx, { event: 'user_password_reset_forced', subject: id });
        return revokeSubject(tx, id, revoking);
      });
      await passwordReset.mail(user.username, token, 'forced');
    },
    revokeUser: async (id, options) => {
      await known(findUser, id, store);
      return context.revoke(async (tx, revoking) => {
        await context.tell(tx, { event: 'user_revoked', subject: id });
        return revokeSubject(tx, id, revoking);
      }, options);
    },
    deleteUser: async (id, options = {}) => {
      // First nothing works any more; what is left is removed in small steps, and can be begun again.
      await context.revoke(async (tx, revoking) => {
        const user = await locked(tx, id);
        assertUnchanged(userView(user), options);
        await changeUser(tx, user, { disabled: true }, runtime.nowMs());
        return revokeSubject(tx, id, revoking);
      });
      await removeSessionsOf(store, 'subject', id);
      await store.write(async (tx) => {
        if (await removeUser(tx, id)) await context.tell(tx, { event: 'user_deleted', subject: id });
      });
    },
  };
}

function userView({ id, username, roles, tenant, disabled, createdMs, updatedMs }: User): UserView {
  return { id, username, roles, tenant, disabled, createdMs, updatedMs };
}
