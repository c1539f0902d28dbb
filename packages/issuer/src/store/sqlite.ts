/**
 * The store on SQLite (`node:sqlite`): WAL, `synchronous=FULL`, foreign keys. One writer, whose queue shares commits: the units of
 * one moment run one after the other inside one transaction, and resolve once it is durable. A lone durable commit costs as
 * much as a hundred shared ones. Reads use a second connection and see committed state only.
 *
 * Units seldom fail after they have written, so they run without savepoints, which would copy every page that they touch; when one
 * does, the transaction is undone and its units run again, each in a savepoint of its own.
 */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { IssuerError } from '../errors.ts';
import type { CompiledQuery, Parameters, Query } from './query.ts';
import type { RawStatement, Reader, SharedWork, Store, StoreMessage, Transaction } from './store.ts';

/** Units in one commit at most: bounds how long a batch holds the event loop. */
const UNITS_PER_COMMIT = 256;
/** Waited for another process's lock without giving up the event loop; then waited again with it, up to the patience. */
const BUSY_TIMEOUT_MS = 20;
const BUSY_PATIENCE_MS = 5_000;
/**
 * Pages that a connection keeps, at most. What the writer does not keep, it reads again to write a row into it: a refresh, into eight tables and
 * indexes at random. The reader's pages are void with the next commit.
 */
const WRITER_CACHE_KIB = 128 * 1024;
const READER_CACHE_KIB = 32 * 1024;
/**
 * Pages in the journal before they are written into the database (64 MiB), which holds everybody up for some 50 ms. A page that a hundred commits
 * changed is written once: the longer the journal, the less there is to write. After a crash it is read once, in a tenth of a second.
 */
const JOURNAL_PAGES = 16_000;
const GROUP_AND_OTHERS = 0o077;
/** SQLITE_BUSY. */
const BUSY = 5;

interface QueuedUnit {
  /** Runs in the open transaction. Resolves to what must happen after the commit. @param shared - Takes what the unit leaves. */
  run(shared: SharedWorks): Promise<() => void>;
  fail(error: unknown): void;
}

/** What the units of a commit left, by the work that it was left to. */
class SharedWorks {
  readonly #left = new Map<SharedWork<never>, unknown[]>();

  add<T>(work: SharedWork<T>, ...items: readonly T[]): void {
    const left = this.#left.get(work);
    if (left === undefined) this.#left.set(work, [...items]);
    else left.push(...items);
  }

  addAll(other: SharedWorks): void {
    for (const [work, items] of other.#left) this.add<never>(work, ...(items as never[]));
  }

  /** @returns what must happen after the commit. */
  async run(tx: Transaction): Promise<(() => void)[]> {
    const after: (() => void)[] = [];
    for (const [work, items] of this.#left) after.push(await work(tx, items as never[]));
    return after;
  }
}

/** A unit failed after it had written: what it wrote can be undone only with the whole transaction. */
class NeedsSavepoints extends Error {
  override readonly name = 'NeedsSavepoints';
}

/** One connection with its prepared statements. */
class Connection implements Reader {
  readonly database: DatabaseSync;
  /** Statements run so far that may have written. */
  writes = 0;
  readonly #statements = new Map<CompiledQuery, StatementSync>();

  constructor(file: string, readOnly: boolean) {
    this.database = new DatabaseSync(file, { readOnly, timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    const cacheKib = readOnly ? READER_CACHE_KIB : WRITER_CACHE_KIB;
    this.database.exec(`pragma cache_size = -${cacheKib}; pragma temp_store = memory`);
  }

  #prepare(query: CompiledQuery): StatementSync {
    if (!query.text.startsWith('select')) this.writes++;
    const known = this.#statements.get(query);
    if (known !== undefined) return known;
    const made = this.database.prepare(query.text);
    this.#statements.set(query, made);
    return made;
  }

  async all<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    const compiled = query.for('sqlite');
    return this.#prepare(compiled).all(...compiled.bind(parameters)) as R[];
  }

  async first<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R | undefined> {
    const compiled = query.for('sqlite');
    return this.#prepare(compiled).get(...compiled.bind(parameters)) as R | undefined;
  }

  runNow<P extends Parameters>(query: Query<P, unknown>, parameters: P): number {
    const compiled = query.for('sqlite');
    return Number(this.#prepare(compiled).run(...compiled.bind(parameters)).changes);
  }
}

/** Opens, and creates where it is not there, the database file. Does not migrate. */
export function openSqlite(file: string): SqliteStore {
  if (file !== ':memory:') mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    if (file !== ':memory:') makePrivate(file);
    return new SqliteStore(file);
  } catch (error) {
    throw unavailable(error);
  }
}

/** Users, sessions and hashes are in it: for its owner only. The journal's files get the mode of the database. */
function makePrivate(file: string): void {
  // Made before SQLite would make it, readable by others for a moment.
  closeSync(openSync(file, 'a', 0o600));
  const { mode, uid } = statSync(file);
  // Of a file that is another's, the other decides.
  if ((mode & GROUP_AND_OTHERS) !== 0 && uid === process.getuid?.()) chmodSync(file, 0o600);
}

export class SqliteStore implements Store {
  readonly kind = 'sqlite';
  readonly #writer: Connection;
  readonly #control: Readonly<Record<'begin' | 'commit' | 'savepoint' | 'release', StatementSync>>;
  readonly #reader: Connection;
  readonly #queue: QueuedUnit[] = [];
  readonly #listeners = new Set<(message: StoreMessage) => void>();
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(file: string) {
    this.#writer = new Connection(file, false);
    // The first of several processes changes the journal's mode; the others wait for it.
    this.#writer.database.exec(`pragma busy_timeout = ${BUSY_PATIENCE_MS}`);
    this.#writer.database.exec(
      `pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = ${JOURNAL_PAGES}`,
    );
    this.#writer.database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const prepare = (sql: string) => this.#writer.database.prepare(sql);
    this.#control = {
      begin: prepare('begin immediate'),
      commit: prepare('commit'),
      savepoint: prepare('savepoint unit'),
      release: prepare('release unit'),
    };
    this.#reader = new Connection(file, true);
  }

  all<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    return this.#reader.all(query, parameters).catch(rethrowUnavailable);
  }

  first<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R | undefined> {
    return this.#reader.first(query, parameters).catch(rethrowUnavailable);
  }

  write<T>(unit: (tx: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#enqueue({
        run: async (shared) => {
          const announced: StoreMessage[] = [];
          const left = new SharedWorks();
          const result = await unit(this.#transaction(announced, left));
          shared.addAll(left);
          return () => {
            for (const message of announced) this.#deliver(message);
            resolve(result);
          };
        },
        fail: reject,
      });
    });
  }

  execute<P extends Parameters>(query: Query<P, unknown>, parameters: P): Promise<number> {
    return new Promise<number>((resolve, reject) => {
      this.#enqueue({
        run: async () => {
          const touched = this.#writer.runNow(query, parameters);
          return () => resolve(touched);
        },
        fail: reject,
      });
    });
  }

  /** Runs raw statements in one transaction that excludes every other writer. For migrations. */
  async script(
    statements: (read: (sql: string) => Promise<readonly unknown[]>) => Promise<readonly RawStatement[]>,
  ): Promise<void> {
    const { database } = this.#writer;
    try {
      await this.#begin();
      const list = await statements(async (sql) => database.prepare(sql).all());
      for (const { sql, parameters } of list) database.prepare(sql).run(...parameters);
      database.exec('commit');
    } catch (error) {
      if (database.isTransaction) database.exec('rollback');
      throw unavailable(error);
    }
  }

  async send(message: StoreMessage): Promise<void> {
    this.#deliver(message);
  }

  subscribe(listener: (message: StoreMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#draining;
    this.#reader.database.close();
    this.#writer.database.close();
  }

  #deliver(message: StoreMessage): void {
    for (const listener of this.#listeners) listener(message);
  }

  #enqueue(unit: QueuedUnit): void {
    if (this.#closed) {
      unit.fail(new IssuerError('database_unavailable', 'the database is closed'));
      return;
    }
    this.#queue.push(unit);
    // After the events of this moment were read: whatever they write shares one commit.
    this.#draining ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#commitTogether(this.#queue.splice(0, UNITS_PER_COMMIT));
      // Requests that arrived meanwhile are read before the next commit, and share it.
      if (this.#queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#draining = undefined;
  }

  async #commitTogether(units: readonly QueuedUnit[]): Promise<void> {
    const { database } = this.#writer;
    let outcomes: (() => void)[];
    try {
      outcomes = await this.#inTransaction(units, (unit, shared) => this.#unguarded(unit, shared)).catch(
        (error: unknown) => {
          if (!(error instanceof NeedsSavepoints)) throw error;
          database.exec('rollback');
          return this.#inTransaction(units, (unit, shared) => this.#inSavepoint(unit, shared));
        },
      );
    } catch (error) {
      if (database.isTransaction) database.exec('rollback');
      for (const unit of units) unit.fail(unavailable(error));
      return;
    }
    for (const tell of outcomes) tell();
  }

  /** Runs the units and commits them. @returns what tells each its outcome. */
  async #inTransaction(
    units: readonly QueuedUnit[],
    run: (unit: QueuedUnit, shared: SharedWorks) => Promise<() => void>,
  ): Promise<(() => void)[]> {
    const outcomes: (() => void)[] = [];
    const shared = new SharedWorks();
    await this.#begin();
    for (const unit of units) {
      try {
        outcomes.push(await run(unit, shared));
      } catch (error) {
        // Some failures (disk full, I/O) end the whole transaction, not the unit alone.
        if (error instanceof NeedsSavepoints || !this.#writer.database.isTransaction) throw error;
        outcomes.push(() => unit.fail(isSqliteError(error) ? unavailable(error) : error));
      }
    }
    outcomes.push(...(await shared.run(this.#transaction([], shared))));
    this.#control.commit.run();
    return outcomes;
  }

  /** Another process may be writing: the command line, or an issuer that is just going. */
  async #begin(): Promise<void> {
    for (const started = performance.now(); ;) {
      try {
        this.#control.begin.run();
        return;
      } catch (error) {
        if (sqliteCode(error) !== BUSY || performance.now() - started > BUSY_PATIENCE_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, BUSY_TIMEOUT_MS));
      }
    }
  }

  async #unguarded(unit: QueuedUnit, shared: SharedWorks): Promise<() => void> {
    const writesBefore = this.#writer.writes;
    try {
      return await unit.run(shared);
    } catch (error) {
      if (this.#writer.writes === writesBefore || !this.#writer.database.isTransaction) throw error;
      throw new NeedsSavepoints();
    }
  }

  async #inSavepoint(unit: QueuedUnit, shared: SharedWorks): Promise<() => void> {
    const { database } = this.#writer;
    this.#control.savepoint.run();
    try {
      const complete = await unit.run(shared);
      this.#control.release.run();
      return complete;
    } catch (error) {
      if (database.isTransaction) database.exec('rollback to unit; release unit');
      throw error;
    }
  }

  #transaction(announced: StoreMessage[], left: SharedWorks): Transaction {
    const writer = this.#writer;
    return {
      all: (query, parameters) => writer.all(query, parameters),
      first: (query, parameters) => writer.first(query, parameters),
      run: async (query, parameters) => writer.runNow(query, parameters),
      runByEnd: async (query, parameters) => {
        writer.runNow(query, parameters);
      },
      announce: async (message) => {
        announced.push(message);
      },
      leave: (work, item) => left.add(work, item),
    };
  }
}

function isSqliteError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

function unavailable(error: unknown): IssuerError {
  const reason = error instanceof Error ? error.message : String(error);
  return new IssuerError('database_unavailable', `SQLite: ${reason}`, { cause: error });
}

function rethrowUnavailable(error: unknown): never {
  throw isSqliteError(error) ? unavailable(error) : error;
}
