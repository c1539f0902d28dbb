/**
 * Clients as stored, with a copy in memory. A copy goes when the client changes (every process is told) and after a while in any
 * case; whatever must not rest on an old copy compares `version` in its own unit of work.
 */
import { IssuerError } from '../errors.ts';
import { createId, type Runtime } from '../runtime.ts';
import { lockRows, query } from '../store/query.ts';
import type { Reader, Store, Transaction } from '../store/store.ts';
import { clientOf, parseNewClient, type Client, type NewClient } from './client.ts';
import type { ClientSecrets } from './client-secrets.ts';

const COPY_LIFE_MS = 30_000;
const MOST_COPIES = 10_000;

const byId = query((db, p: { id: string }) => db.selectFrom('client').selectAll().where('id', '=', p.id));

const byIdKept = query((db, p: { id: string }, kind) =>
  lockRows(db.selectFrom('client').selectAll().where('id', '=', p.id), kind, 'share'),
);

export const secretsOf = query((db, p: { client: string }) =>
  db.selectFrom('client_secret').selectAll().where('client', '=', p.client).orderBy('created_ms').orderBy('id'),
);

/** What may be changed of a client, as the table holds it. */
export type ClientSettings = {
  id: string;
  name: string;
  grants: string;
  scopes: string;
  audiences: string;
  introspection: number;
  dpopBound: number;
  certificateBound: number;
  now: number;
};

/** Its columns, the same in a new row and in a changed one. */
export const settingsColumns = (p: ClientSettings) => ({
  name: p.name,
  grants: p.grants,
  scopes: p.scopes,
  audiences: p.audiences,
  introspection: p.introspection,
  dpop_bound: p.dpopBound,
  certificate_bound: p.certificateBound,
  updated_ms: p.now,
});

export const insertClient = query((db, p: ClientSettings & { authentication: Client['authentication'] }) =>
  db
    .insertInto('client')
    .values({
      ...settingsColumns(p),
      id: p.id,
      authentication: p.authentication,
      disabled_ms: null,
      not_before_seconds: 0,
      version: 1,
      created_ms: p.now,
    })
    .onConflict((c) => c.column('id').doNothing()),
);

export const insertSecret = query(
  (db, p: { id: string; client: string; mac: Uint8Array; now: number; expires: number | null }) =>
    db
      .insertInto('client_secret')
      .values({ id: p.id, client: p.client, mac: p.mac, created_ms: p.now, expires_ms: p.expires }),
);

export class Clients {
  readonly #store: Store;
  readonly #secrets: ClientSecrets;
  readonly #runtime: Runtime;
  readonly #copies = new Map<string, { readonly client: Client; readonly untilMs: number }>();
  readonly #unsubscribe: () => void;
  /** Counts changes heard of: what was read before one is not kept after it. */
  #changes = 0;

  constructor(store: Store, secrets: ClientSecrets, runtime: Runtime) {
    this.#store = store;
    this.#secrets = secrets;
    this.#runtime = runtime;
    this.#unsubscribe = store.subscribe((message) => {
      if (message.about === 'client') this.forget(message.id);
    });
  }

  /** The client, perhaps as it was a moment ago. A promise only when no copy is at hand. */
  find(id: string): Client | undefined | Promise<Client | undefined> {
    const copy = this.#copies.get(id);
    if (copy !== undefined && this.#runtime.nowMs() < copy.untilMs) return copy.client;
    return this.#load(id);
  }

  /** The next {@link find} asks the database. */
  forget(id: string): void {
    this.#changes++;
    this.#copies.delete(id);
  }

  /** The client as it stays until the unit of work is committed. */
  async keep(tx: Transaction, id: string): Promise<Client | undefined> {
    const row = await tx.first(byIdKept, { id });
    return row && clientOf(row, []);
  }

  /**
   * @param afterwards - Part of the same unit of work.
   * @throws {IssuerError} `client_invalid`, `client_exists`.
   */
  async create(input: NewClient, afterwards: (tx: Transaction) => Promise<void>): Promise<Client> {
    const { id, name, secret, grants, scopes, audiences, introspection, ...binding } = parseNewClient(input);
    const now = this.#runtime.nowMs();
    await this.#store.write(async (tx) => {
      const created = await tx.run(insertClient, {
        id,
        name: name ?? id,
        authentication: secret === undefined ? 'none' : 'secret',
        grants: JSON.stringify(grants),
        scopes: JSON.stringify(scopes),
        audiences: JSON.stringify(audiences),
        introspection: introspection ? 1 : 0,
        dpopBound: binding.dpopBoundAccessTokens ? 1 : 0,
        certificateBound: binding.tlsClientCertificateBoundAccessTokens ? 1 : 0,
        now,
      });
      if (created === 0) throw new IssuerError('client_exists', `a client with the id ${id} exists already`);
      await afterwards(tx);
      if (secret === undefined) return;
      const mac = this.#secrets.mac(id, secret);
      await tx.run(insertSecret, { id: createId(this.#runtime, 'sec_'), client: id, mac, now, expires: null });
    });
    const client = await readClient(this.#store, id);
    if (client === undefined) throw new IssuerError('client_unknown');
    return client;
  }

  close(): void {
    this.#unsubscribe();
  }

  async #load(id: string): Promise<Client | undefined> {
    const changes = this.#changes;
    const client = await readClient(this.#store, id);
    if (client === undefined || changes !== this.#changes) return client;
    if (this.#copies.size >= MOST_COPIES) this.#copies.clear();
    this.#copies.set(id, { client, untilMs: this.#runtime.nowMs() + COPY_LIFE_MS });
    return client;
  }
}

/** The client as it is in the database. */
export async function readClient(reader: Reader, id: string): Promise<Client | undefined> {
  const row = await reader.first(byId, { id });
  return row && clientOf(row, await reader.all(secretsOf, { client: id }));
}
