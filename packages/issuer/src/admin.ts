/**
 * What an administrator may do, in process: the demonstration's seeding and the tests use it. Nothing here asks who is calling: whoever
 * exposes it over a network asks first.
 */
import type { Algorithm } from '@sealgate/jwt';
import type { Audit } from './audit/audit-log.ts';
import { listAudit, type AuditFilter } from './audit/audit-reader.ts';
import { auditLine } from './audit/audit-stream.ts';
import type { Actor, AuditEvent, Origin } from './audit/event.ts';
import { BUILT_IN_VERIFIER_ID } from './clients/built-in-verifier.ts';
import type { Client, NewClient } from './clients/client.ts';
import type { Clients } from './clients/clients.ts';
import { IssuerError } from './errors.ts';
import type { KeyRotation } from './keys/key-rotation.ts';
import type { SigningKey } from './keys/signing-keys.ts';
import type { Confirmations, ConnectedVerifier } from './revocation/confirmations.ts';
import { revokeClient, revokeSession, revokeSubject, type Revoking } from './revocation/revoke.ts';
import type { Runtime } from './runtime.ts';
import type { Store, Transaction } from './store/store.ts';
import type { PasswordPolicy } from './users/password-policy.ts';
import type { Passwords } from './users/passwords.ts';
import { listSessions, type SessionView } from './sessions/sessions.ts';
import {
  createUser,
  findUser,
  findUserByName,
  setPasswordHash,
  setUserDisabled,
  setUserRoles,
  type NewUser,
} from './users/users.ts';

/** A user as administrators see one. */
export interface UserView {
  /** The subject of the user's tokens. */
  readonly id: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
  readonly disabled: boolean;
}

export interface ClientView {
  readonly id: string;
  readonly name: string;
  readonly confidential: boolean;
  readonly grants: readonly string[];
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly introspection: boolean;
  readonly disabled: boolean;
}

export interface IssuerAdmin {
  /** @throws {IssuerError} `user_invalid`, `user_exists`, `password_unacceptable`. */
  createUser(user: NewUser): Promise<UserView>;
  /** @throws {IssuerError} `client_invalid`, `client_exists`. */
  createClient(client: NewClient): Promise<ClientView>;
  findUser(username: string): Promise<UserView | undefined>;
  findClient(id: string): Promise<ClientView | undefined>;
  /** A user's live sessions, the one used last first. */
  listSessions(userId: string): Promise<readonly SessionView[]>;
  /** Replaces a password and ends every session. @throws {IssuerError} `user_unknown`, `password_unacceptable`. */
  setPassword(userId: string, password: string): Promise<void>;
  /** Ends every session; no more logins. @throws {IssuerError} `user_unknown`. */
  disableUser(userId: string): Promise<void>;
  /** @throws {IssuerError} `user_unknown`. */
  enableUser(userId: string): Promise<void>;
  /** Tokens have the new roles from the next refresh on. @throws {IssuerError} `user_unknown`, `user_invalid`. */
  setRoles(userId: string, roles: readonly string[]): Promise<void>;
  /** Ends a session. Resolves when the connected verifiers have confirmed. */
  revokeSession(sid: string): Promise<void>;
  /** Ends every session of a user and revokes every token. @throws {IssuerError} `user_unknown`. */
  revokeUser(id: string): Promise<void>;
  /** Revokes everything issued to a client. @throws {IssuerError} `client_unknown`. */
  revokeClient(id: string): Promise<void>;
  /** Verifiers that read the feed of this process. */
  verifiers(): readonly ConnectedVerifier[];
  readonly keys: KeyAdmin;
  readonly audit: AuditAdmin;
}

export interface AuditAdmin {
  /** Events, the newest first, as they are streamed; up to what has been answered before this is asked. */
  list(filter: AuditFilter): Promise<readonly AuditView[]>;
}

/** An event with its number and hash in the chain: docs/audit.md. */
export type AuditView = Readonly<Record<string, unknown>> & { readonly seq: number; readonly mac: string };

/** A signing key as administrators see one. Times are milliseconds since the Unix epoch. */
export type KeyView = Pick<SigningKey, 'kid' | 'alg' | 'state' | 'createdMs' | 'activatedMs' | 'retiringMs'>;

export interface KeyAdmin {
  /** Every key, oldest first. */
  list(): Promise<readonly KeyView[]>;
  /** Publishes a successor now. It signs once every connected verifier has confirmed it and the key set's cache age has passed. */
  rotate(alg: Algorithm): Promise<void>;
  /** Distrusts a key and replaces it. Resolves when the connected verifiers have confirmed. @throws {IssuerError} `key_unknown`. */
  compromise(kid: string): Promise<void>;
  /** Takes the steps of rotation that are due now, instead of within seconds. */
  takeDueSteps(): Promise<void>;
}

export interface AdminParts {
  readonly rotation: KeyRotation;
  readonly audit: Audit;
  /** Seals what waits, so that it can be read. */
  readonly sealAudit: () => Promise<void>;
  readonly store: Store;
  readonly clients: Clients;
  readonly passwords: Passwords;
  readonly policy: PasswordPolicy;
  readonly confirmations: Confirmations;
  readonly runtime: Runtime;
  readonly accessTokenTtlSeconds: number;
}

/** Who asks, for the audit. */
export interface AdminCaller {
  readonly actor: Actor;
  readonly origin?: Origin;
}

export function createAdmin(parts: AdminParts, caller: AdminCaller): IssuerAdmin {
  const { store, audit, clients, passwords, confirmations, runtime } = parts;

  const tell = (tx: Transaction, event: Omit<AuditEvent, 'actor' | 'origin'>) =>
    audit.append(tx, { ...caller, ...event });

  async function revoke(work: (tx: Transaction, revoking: Revoking) => Promise<number>): Promise<void> {
    const revoking = { nowMs: runtime.nowMs(), reason: 'admin', ttlSeconds: parts.accessTokenTtlSeconds };
    await confirmations.wait(await store.write((tx) => work(tx, revoking)));
  }

  return {
    createUser: async (input) => {
      const user = await createUser(parts, input, (tx, { id }) => tell(tx, { event: 'user_created', subject: id }));
      return userView(user);
    },
    createClient: async (input) => {
      if (input.id === BUILT_IN_VERIFIER_ID) throw new IssuerError('client_exists', `the id ${input.id} is built in`);
      const client = await clients.create(input, (tx) => tell(tx, { event: 'client_created', client: input.id }));
      return clientView(client);
    },
    findUser: async (username) => {
      const user = await findUserByName(store, username);
      return user && userView(user);
    },
    findClient: async (id) => {
      const client = await clients.find(id);
      return client && clientView(client);
    },
    listSessions: (userId) => listSessions(store, userId, runtime.nowMs()),
    setPassword: async (userId, password) => {
      const user = await findUser(store, userId);
      if (user === undefined) throw new IssuerError('user_unknown');
      await parts.policy.assertAcceptable(password, user.username);
      const hash = await passwords.hash(password);
      await revoke(async (tx, revoking) => {
        if (!(await setPasswordHash(tx, userId, hash, runtime.nowMs()))) throw new IssuerError('user_unknown');
        await tell(tx, { event: 'user_password_set', subject: userId });
        return revokeSubject(tx, userId, revoking);
      });
    },
    disableUser: (userId) =>
      revoke(async (tx, revoking) => {
        if (!(await setUserDisabled(tx, userId, true, runtime.nowMs()))) throw new IssuerError('user_unknown');
        await tell(tx, { event: 'user_disabled', subject: userId });
        return revokeSubject(tx, userId, revoking);
      }),
    enableUser: async (userId) => {
      await store.write(async (tx) => {
        if (!(await setUserDisabled(tx, userId, false, runtime.nowMs()))) throw new IssuerError('user_unknown');
        await tell(tx, { event: 'user_enabled', subject: userId });
      });
    },
    setRoles: async (userId, roles) => {
      await store.write(async (tx) => {
        if (!(await setUserRoles(tx, userId, roles, runtime.nowMs()))) throw new IssuerError('user_unknown');
        await tell(tx, { event: 'user_changed', subject: userId, target: 'member:roles' });
      });
    },
    revokeSession: (sid) =>
      revoke(async (tx, revoking) => {
        await tell(tx, { event: 'session_ended', session: sid });
        return revokeSession(tx, sid, revoking);
      }),
    revokeUser: async (id) => {
      if ((await findUser(store, id)) === undefined) throw new IssuerError('user_unknown');
      await revoke(async (tx, revoking) => {
        await tell(tx, { event: 'user_revoked', subject: id });
        return revokeSubject(tx, id, revoking);
      });
    },
    revokeClient: async (id) => {
      if ((await clients.find(id)) === undefined) throw new IssuerError('client_unknown');
      await revoke(async (tx, revoking) => {
        await tell(tx, { event: 'client_revoked', client: id });
        return revokeClient(tx, id, revoking);
      });
    },
    verifiers: () => confirmations.list(),
    keys: {
      list: async () => (await parts.rotation.list()).map(keyView),
      rotate: (alg) => parts.rotation.rotate(alg),
      compromise: (kid) => parts.rotation.compromise(kid, caller),
      takeDueSteps: () => parts.rotation.takeDueSteps(),
    },
    audit: {
      list: async (filter) => {
        await parts.sealAudit();
        return (await listAudit(store, filter)).map((row) => JSON.parse(auditLine(row)) as AuditView);
      },
    },
  };
}

function userView({ id, username, roles, tenant, disabled }: UserView): UserView {
  return { id, username, roles, tenant, disabled };
}

function keyView({ kid, alg, state, createdMs, activatedMs, retiringMs }: KeyView): KeyView {
  return { kid, alg, state, createdMs, activatedMs, retiringMs };
}

function clientView(client: Client): ClientView {
  const { id, name, authentication, grants, scopes, audiences, introspection, disabled } = client;
  return {
    id,
    name,
    confidential: authentication === 'secret',
    grants: [...grants],
    scopes,
    audiences,
    introspection,
    disabled,
  };
}
