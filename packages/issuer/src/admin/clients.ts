/** Clients and their secrets, as administrators see and change them. */
import { BUILT_IN_OPERATOR_ID } from '../clients/built-in-operator.ts';
import { BUILT_IN_VERIFIER_ID } from '../clients/built-in-verifier.ts';
import { changeClient, lockClient, pageOfClients, removeClient } from '../clients/client-changes.ts';
import type { Client, ClientChange, Grant, NewClient } from '../clients/client.ts';
import { readClient } from '../clients/clients.ts';
import { addSecret, generateSecret, removeSecret, type NewSecret } from '../clients/secret-rotation.ts';
import { IssuerError } from '../errors.ts';
import type { Confirmation } from '../revocation/confirmations.ts';
import { revokeClient } from '../revocation/revoke.ts';
import { removeSessionsOf } from '../sessions/session-pages.ts';
import type { Transaction } from '../store/store.ts';
import { assertUnchanged, pageOf, type AdminContext, type IfMatchOption, type Page } from './context.ts';

/** A client as administrators see one. Times are milliseconds since the Unix epoch. */
export interface ClientView {
  readonly id: string;
  readonly name: string;
  readonly confidential: boolean;
  readonly grants: readonly Grant[];
  readonly scopes: readonly string[];
  /** What its tokens are for; empty means the issuer’s own default. */
  readonly audiences: readonly string[];
  readonly introspection: boolean;
  readonly dpopBoundAccessTokens: boolean;
  readonly tlsClientCertificateBoundAccessTokens: boolean;
  readonly disabled: boolean;
  /** The issuer made it for itself. */
  readonly builtIn: boolean;
  readonly secrets: readonly SecretView[];
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** A secret of a client, and nothing of what it is. */
export interface SecretView {
  readonly id: string;
  readonly createdMs: number;
  readonly expiresMs: number | undefined;
}

export interface ClientAdmin {
  /** @throws {IssuerError} `client_invalid`, `client_exists`. */
  createClient(client: NewClient): Promise<ClientView>;
  /** With a secret that is made here, and told this once. @throws {IssuerError} as {@link createClient}. */
  createConfidentialClient(
    client: Omit<NewClient, 'secret'>,
  ): Promise<{ readonly client: ClientView; readonly secret: string }>;
  findClient(id: string): Promise<ClientView | undefined>;
  /** @throws {IssuerError} `client_unknown`. */
  readClient(id: string): Promise<ClientView>;
  /** By id. @param after - `next` of the page before. */
  listClients(filter: { readonly after?: string | undefined; readonly limit: number }): Promise<Page<ClientView>>;
  /**
   * Disabling revokes everything that was issued to it.
   *
   * @throws {IssuerError} `client_unknown`, `client_invalid`, `built_in`, `changed_meanwhile`.
   */
  changeClient(id: string, change: ClientChange, options?: IfMatchOption): Promise<ClientView>;
  /** A second secret beside the first. @throws {IssuerError} `client_unknown`, `client_public`, `client_secrets_full`, `built_in`. */
  addClientSecret(id: string, options?: { readonly expiresMs?: number | undefined }): Promise<NewSecret>;
  /** @throws {IssuerError} `client_unknown`, `client_secret_unknown`, `client_secret_last`, `built_in`. */
  removeClientSecret(id: string, secretId: string): Promise<void>;
  /** Revokes everything issued to a client. @throws {IssuerError} `client_unknown`. */
  revokeClient(id: string, options?: { readonly waitMs?: number | undefined }): Promise<Confirmation>;
  /** Revokes everything that was issued to it, and forgets it; the audit stays. @throws {IssuerError} `client_unknown`, `built_in`, `changed_meanwhile`. */
  deleteClient(id: string, options?: IfMatchOption): Promise<void>;
}

export function clientAdmin(context: AdminContext): ClientAdmin {
  const { parts } = context;
  const { store, clients, clientSecrets: secrets, runtime } = parts;

  const create = async (input: NewClient) => {
    if (input.id === BUILT_IN_VERIFIER_ID || input.id === BUILT_IN_OPERATOR_ID) {
      throw new IssuerError('client_exists', `the id ${input.id} is built in`);
    }
    const client = await clients.create(input, (tx) => context.tell(tx, { event: 'client_created', client: input.id }));
    return clientView(client);
  };
  const read = async (id: string) => {
    const client = await readClient(store, id);
    if (client === undefined) throw new IssuerError('client_unknown');
    return client;
  };
  const locked = async (tx: Transaction, id: string) => {
    const client = await lockClient(tx, id);
    if (client === undefined) throw new IssuerError('client_unknown');
    return client;
  };

  return {
    createClient: create,
    createConfidentialClient: async (input) => {
      const secret = generateSecret(runtime);
      return { client: await create({ ...input, secret }), secret };
    },
    findClient: async (id) => {
      const client = await clients.find(id);
      return client && clientView(client);
    },
    readClient: async (id) => clientView(await read(id)),
    listClients: async ({ after = '', limit }) =>
      pageOf(await pageOfClients(store, after, limit + 1), limit, ({ id }) => id, clientView),
    changeClient: async (id, change, options = {}) => {
      const members = Object.keys(change).filter((name) => name !== 'disabled');
      if (members.length > 0) assertNotBuiltIn(id);
      const { view, seq } = await store.write(async (tx) => {
        const client = await locked(tx, id);
        assertUnchanged(clientView(client), options);
        const next = await changeClient(tx, client, change, runtime.nowMs());
        if (members.length > 0) {
          await context.tell(tx, { event: 'client_changed', client: id, target: `member:${members.join(',')}` });
        }
        if (next.disabled !== client.disabled) {
          await context.tell(tx, { event: next.disabled ? 'client_disabled' : 'client_enabled', client: id });
        }
        const ends = next.disabled && !client.disabled;
        const revoked = ends ? await revokeClient(tx, id, context.revoking()) : undefined;
        return { view: clientView(next), seq: revoked };
      });
      if (seq !== undefined) await parts.confirmations.wait(seq);
      return view;
    },
    addClientSecret: async (id, { expiresMs } = {}) => {
      assertNotBuiltIn(id);
      return store.write(async (tx) => {
        const added = await addSecret(tx, { secrets, runtime }, await locked(tx, id), expiresMs);
        await context.tell(tx, { event: 'client_secret_added', client: id, target: `secret:${added.id}` });
        return added;
      });
    },
    removeClientSecret: async (id, secretId) => {
      assertNotBuiltIn(id);
      await store.write(async (tx) => {
        await removeSecret(tx, await locked(tx, id), secretId, runtime.nowMs());
        await context.tell(tx, { event: 'client_secret_removed', client: id, target: `secret:${secretId}` });
      });
    },
    revokeClient: async (id, options) => {
      await read(id);
      return context.revoke(async (tx, revoking) => {
        await context.tell(tx, { event: 'client_revoked', client: id });
        return revokeClient(tx, id, revoking);
      }, options);
    },
    deleteClient: async (id, options = {}) => {
      assertNotBuiltIn(id);
      // First nothing works any more; what is left is removed in small steps, and can be begun again.
      await context.revoke(async (tx, revoking) => {
        const client = await locked(tx, id);
        assertUnchanged(clientView(client), options);
        await changeClient(tx, client, { disabled: true }, runtime.nowMs());
        return revokeClient(tx, id, revoking);
      });
      await removeSessionsOf(store, 'client', id);
      await store.write(async (tx) => {
        if (await removeClient(tx, id)) await context.tell(tx, { event: 'client_deleted', client: id });
      });
    },
  };
}

/** It would be made again at the next start. @throws {IssuerError} `built_in`. */
function assertNotBuiltIn(id: string): void {
  if (id === BUILT_IN_OPERATOR_ID) throw new IssuerError('built_in');
}

function clientView(client: Client): ClientView {
  const { id, name, authentication, grants, scopes, audiences, introspection, disabled, createdMs, updatedMs } = client;
  return {
    id,
    name,
    confidential: authentication === 'secret',
    grants: [...grants],
    scopes,
    audiences,
    introspection,
    dpopBoundAccessTokens: client.dpopBound,
    tlsClientCertificateBoundAccessTokens: client.certificateBound,
    disabled,
    builtIn: id === BUILT_IN_OPERATOR_ID,
    secrets: client.secrets.map((secret) => ({
      id: secret.id,
      createdMs: secret.createdMs,
      expiresMs: secret.expiresMs ?? undefined,
    })),
    createdMs,
    updatedMs,
  };
}
