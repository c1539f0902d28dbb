/**
 * The store on PostgreSQL (`pg`): each unit of work is a transaction of its own, READ COMMITTED with row locks taken by the queries
 * (`FOR UPDATE`), tried again when the server aborts it for the sake of another. Processes that share the database hear each
 * other through `LISTEN/NOTIFY` on one more connection.
 *
 * A round trip costs more than the statement in it, so statements are sent without waiting for the answer to the one before
 * (PostgreSQL manual, section 32.5.1) where that answer decides nothing: `begin` goes with the unit's first read, `commit` with what the unit left
 * for its end.
 */
import { Client, Pool, TypeOverrides, types, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { IssuerError } from '../errors.ts';
import type { CompiledQuery, Parameters, Query } from './query.ts';
import type { RawStatement, Reader, Store, StoreMessage, Transaction } from './store.ts';

const CHANNEL = 'sealgate';
const ATTEMPTS = 10;
/** For units and reads, at most; one more listens. With fewer, units wait in line while the server could work; it takes 100 in all unless told otherwise. */
const CONNECTIONS = 20;
const CONNECT_TIMEOUT_MS = 5_000;
/** A unit of work waits this long for a connection, also for one that others are using. */
const POOL_TIMEOUT_MS = 20_000;
const RELISTEN_MS = 250;
/** Bytes of a statement's name. */
const LONGEST_NAME = 63;
/** Serialization failure and deadlock: the server chose this transaction to give way. */
const RETRIED = new Set(['40001', '40P01']);

// Whole numbers in the tables are times and counters: far below 2^53.
const parsers = new TypeOverrides();
parsers.setTypeParser(types.builtins.INT8, Number);

export interface PostgresOptions {
  /** Connections for units and reads. */
  readonly connections?: number;
  /** Told when the listening connection is lost or unreadable; it is opened again by itself. */
  readonly onTrouble?: (error: Error) => void;
}

/** Connects. Does not migrate. */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<PostgresStore> {
  const store = new PostgresStore(url, options);
  try {
    await store.listen();
    return store;
  } catch (error) {
    await store.close();
    throw unavailable(error);
  }
}

export class PostgresStore implements Store {
  readonly kind = 'postgres';
  readonly #url: string;
  readonly #pool: Pool;
  readonly #listeners = new Set<(message: StoreMessage) => void>();
  readonly #onTrouble: (error: Error) => void;
  #ear: Client | undefined;
  #closed = false;
  #relisten: NodeJS.Timeout | undefined;

  constructor(url: string, options: PostgresOptions) {
    this.#url = url;
    this.#onTrouble = options.onTrouble ?? (() => undefined);
    this.#pool = new Pool({
      connectionString: url,
      max: options.connections ?? CONNECTIONS,
      connectionTimeoutMillis: POOL_TIMEOUT_MS,
      types: parsers,
      pipeline: true,
      application_name: 'sealgate-issuer',
    });
    // An idle connection that the server closes; the pool makes another when it needs one.
    this.#pool.on('error', (error) => this.#onTrouble(error));
  }

  all<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    return this.#reader.all(query, parameters).catch(rethrowUnavailable);
  }

  first<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R | undefined> {
    return this.#reader.first(query, parameters).catch(rethrowUnavailable);
  }

  async write<T>(unit: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(unit);
      } catch (error) {
        if (!RETRIED.has(sqlState(error))) return rethrowUnavailable(error);
        if (attempt === ATTEMPTS) throw new IssuerError('unit_retries_exhausted', undefined, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, attempt * 2));
      }
    }
  }

  async execute<P extends Parameters>(query: Query<P, unknown>, parameters: P): Promise<number> {
    try {
      const result = await this.#pool.query(config(query.for('postgres'), parameters));
      return result.rowCount ?? 0;
    } catch (error) {
      return rethrowUnavailable(error);
    }
  }

  /** Runs raw statements in one transaction that excludes every other such transaction. For migrations. */
  async script(
    statements: (read: (sql: string) => Promise<readonly unknown[]>) => Promise<readonly RawStatement[]>,
    lock: number,
  ): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock($1)', [lock]);
      const list = await statements(async (sql) => (await client.query(sql)).rows);
      for (const { sql, parameters } of list) await client.query(sql, [...parameters]);
      await client.query('commit');
      client.release();
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      client.release(true);
      throw error;
    }
  }

  async send(message: StoreMessage): Promise<void> {
    await this.#pool.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify(message)]).catch(rethrowUnavailable);
  }

  subscribe(listener: (message: StoreMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#relisten);
    await this.#ear?.end().catch(() => undefined);
    await this.#pool.end();
  }

  /** @internal Opens the listening connection, and opens it again whenever it is lost. */
  async listen(): Promise<void> {
    const ear = new Client({ connectionString: this.#url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    ear.on('notification', ({ payload }) => {
      const message = JSON.parse(payload ?? '{}') as StoreMessage;
      for (const listener of this.#listeners) listener(message);
    });
    let lost = false;
    const onLost = (error?: Error) => {
      if (lost || this.#closed) return;
      lost = true;
      this.#onTrouble(error ?? new Error('the listening connection ended'));
      void closeQuietly(ear);
      this.#listenAgain();
    };
    ear.on('error', onLost);
    ear.on('end', () => onLost());
    this.#ear = ear;
    try {
      await ear.connect();
      await ear.query(`listen ${CHANNEL}`);
    } catch (error) {
      lost = true;
      throw error;
    }
  }

  #listenAgain(): void {
    this.#relisten = setTimeout(() => void this.#tryToListen(), RELISTEN_MS);
  }

  async #tryToListen(): Promise<void> {
    try {
      await this.listen();
    } catch (error) {
      this.#onTrouble(error instanceof Error ? error : new Error(String(error)));
      if (!this.#closed) this.#listenAgain();
      return;
    }
    // What was said meanwhile is lost: everybody looks again.
    for (const about of ['log', 'keys'] as const) for (const listener of this.#listeners) listener({ about });
  }

  readonly #reader: Reader = {
    all: async <P extends Parameters, R>(query: Query<P, R>, parameters: P) =>
      (await this.#pool.query(config(query.for('postgres'), parameters))).rows as R[],
    first: async <P extends Parameters, R>(query: Query<P, R>, parameters: P) =>
      (await this.#pool.query(config(query.for('postgres'), parameters))).rows[0] as R | undefined,
  };

  async #once<T>(unit: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken = false;
    try {
      const transaction = new PostgresTransaction(client);
      const result = await unit(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      // A connection that cannot even roll back is not given to anyone else.
      await client.query('rollback').catch(() => (broken = true));
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

class PostgresTransaction implements Transaction {
  readonly #client: PoolClient;
  #began: Promise<unknown> | undefined;
  /** To be run by the end. */
  readonly #rest: Statement[] = [];

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async all<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    return (await this.#ask(query.for('postgres'), parameters)).rows as R[];
  }

  async first<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R | undefined> {
    return (await this.#ask(query.for('postgres'), parameters)).rows[0] as R | undefined;
  }

  async run<P extends Parameters>(query: Query<P, unknown>, parameters: P): Promise<number> {
    return (await this.#ask(query.for('postgres'), parameters)).rowCount ?? 0;
  }

  async runByEnd<P extends Parameters>(query: Query<P, unknown>, parameters: P): Promise<void> {
    this.#rest.push({ query: query.for('postgres'), parameters });
  }

  async announce(message: StoreMessage): Promise<void> {
    await this.#begin();
    await this.#client.query({
      name: 'announce',
      text: 'select pg_notify($1, $2)',
      values: [CHANNEL, JSON.stringify(message)],
    });
  }

  async commit(): Promise<void> {
    const rest = this.#rest.length === 0 ? undefined : joined(this.#rest);
    if (this.#began === undefined) {
      // One statement is a transaction by itself.
      if (rest !== undefined) await this.#client.query(rest);
      return;
    }
    // A statement that fails aborts the transaction, and the server takes `commit` for `rollback`.
    await this.#inOneWrite(() => Promise.all([rest && this.#client.query(rest), this.#client.query('commit')]));
  }

  async #ask(query: CompiledQuery, parameters: Parameters): Promise<QueryResult> {
    const statement = config(query, parameters);
    // A write waits for `begin`: it must not happen where there is no transaction to undo it.
    if (this.#began !== undefined || !query.text.startsWith('select')) {
      await this.#begin();
      return this.#client.query(statement);
    }
    const [, answer] = await this.#inOneWrite(() => Promise.all([this.#begin(), this.#client.query(statement)]));
    return answer;
  }

  #begin(): Promise<unknown> {
    return (this.#began ??= this.#client.query('begin'));
  }

  /** What `send` sends goes out together. */
  #inOneWrite<T>(send: () => T): T {
    const { stream } = this.#client.connection;
    stream.cork();
    try {
      return send();
    } finally {
      stream.uncork();
    }
  }
}

interface Statement {
  readonly query: CompiledQuery;
  readonly parameters: Parameters;
}

const joinedTexts = new Map<string, string>();

/**
 * Statements as one: all but the last stand in `WITH`, and all see the database as it was before the first (PostgreSQL manual, section
 * 7.8.4). The text is made once for each row of statements.
 */
function joined(statements: readonly Statement[]): QueryConfig {
  const key = statements.map(({ query }) => query.name).join('+');
  let text = joinedTexts.get(key);
  if (text === undefined) {
    let numbered = 0;
    const parts = statements.map(({ query, parameters }) => {
      const before = numbered;
      numbered += query.bind(parameters).length;
      return query.text.replaceAll(/\$(\d+)/gu, (_all, number: string) => `$${Number(number) + before}`);
    });
    const earlier = parts.slice(0, -1).map((part, index) => `w${index} as (${part})`);
    text = `${earlier.length === 0 ? '' : `with ${earlier.join(', ')} `}${parts.at(-1) ?? ''}`;
    joinedTexts.set(key, text);
  }
  const values = statements.flatMap(({ query, parameters }) => query.bind(parameters));
  // Longer names are cut off by the server, and could then be those of another row of statements.
  return key.length < LONGEST_NAME ? { name: key, text, values } : { text, values };
}

async function closeQuietly(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}

function config(query: CompiledQuery, parameters: Parameters): QueryConfig {
  return { name: query.name, text: query.text, values: query.bind(parameters) };
}

function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** SQLSTATE classes, and the errors of Node's sockets, that say that the database failed rather than our own code. */
function isDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^(?:[0-9A-Z]{5}|E[A-Z]+)$/u.test(sqlState(error)) || /connection|timeout/iu.test(error.message);
}

function unavailable(error: unknown): IssuerError {
  if (error instanceof IssuerError) return error;
  // `message` of a refused connection is empty on some platforms; the code never is. Neither holds the password.
  const reason = error instanceof Error ? error.message || sqlState(error) : String(error);
  return new IssuerError('database_unavailable', `PostgreSQL: ${reason}`, { cause: error });
}

function rethrowUnavailable(error: unknown): never {
  throw !(error instanceof IssuerError) && isDatabaseError(error) ? unavailable(error) : error;
}
