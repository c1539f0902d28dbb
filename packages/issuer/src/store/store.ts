/**
 * The one interface to durable state, the same on SQLite and PostgreSQL. What the two do differently (one writer and shared
 * commits, row locks and retries) stays behind it.
 */
import type { DatabaseKind, Parameters, Query, SqlValue } from './query.ts';

/** Reads. Outside a unit of work each read sees the latest commit. */
export interface Reader {
  all<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R[]>;
  first<P extends Parameters, R>(query: Query<P, R>, parameters: P): Promise<R | undefined>;
}

/** Work that the units of one commit share: done once, for what each left it, in order. Resolves to what must happen after the commit. */
export type SharedWork<T> = (tx: Transaction, left: readonly T[]) => Promise<() => void>;

/** A unit of work: everything in it happens, or nothing. */
export interface Transaction extends Reader {
  /** Runs a statement that returns no rows; answers how many it touched. */
  run<P extends Parameters>(query: Query<P, unknown>, parameters: P): Promise<number>;
  /**
   * Runs a statement by the end of the unit, with others in one round trip where there are any. What the unit does after it need not see it, and
   * no two such statements of a unit touch the same row.
   */
  runByEnd<P extends Parameters>(query: Query<P, unknown>, parameters: P): Promise<void>;
  /** Tells every process that shares the database, once the unit is committed. */
  announce(message: StoreMessage): Promise<void>;
  /** Leaves `item` to work at the end of the commit and as part of it. Only where units share commits: on SQLite. */
  readonly leave?: <T>(work: SharedWork<T>, item: T) => void;
}

/** What processes that share a database tell each other. A hint to look, or a word between feeds: never the truth itself. */
export type StoreMessage =
  | { readonly about: 'log' }
  | { readonly about: 'client'; readonly id: string }
  | { readonly about: 'keys' }
  | { readonly about: 'presence'; readonly process: string; readonly verifiers: number; readonly confirmed: number }
  | { readonly about: 'departure'; readonly process: string }
  | { readonly about: 'confirmation'; readonly connection: string; readonly seq: number; readonly client: string };

/** A statement as text: what migrations are made of. */
export interface RawStatement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

export interface Store extends Reader {
  readonly kind: DatabaseKind;

  /**
   * Runs a unit of work and resolves after its commit is durable. A unit that throws leaves nothing behind and its error is
   * passed on. It may run more than once, so it has no effect but through `tx`; and it awaits nothing but `tx`, because on
   * SQLite every other writer waits for it.
   *
   * @throws {IssuerError} `database_unavailable`, `unit_retries_exhausted`.
   */
  write<T>(unit: (tx: Transaction) => Promise<T>): Promise<T>;

  /** A unit of a single statement: the cheapest durable write. Answers how many rows it touched. */
  execute<P extends Parameters>(query: Query<P, unknown>, parameters: P): Promise<number>;

  /** Sends to every process that shares the database, this one included. */
  send(message: StoreMessage): Promise<void>;

  /** Receives what is sent or announced. Returns the way to stop. Messages may be lost when a connection is. */
  subscribe(listener: (message: StoreMessage) => void): () => void;

  close(): Promise<void>;
}
