/**
 * Queries, written with Kysely and compiled once for each database. A query is a value with named parameters; running it later
 * costs no more than filling an array. Executes nothing: `sqlite.ts` and `postgres.ts` do.
 */
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
  type Compilable,
  type RawBuilder,
  type SelectQueryBuilder,
} from 'kysely';
import type { Tables } from './schema.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

/** What both databases store and return. */
export type SqlValue = string | number | Uint8Array | null;
export type Parameters = Readonly<Record<string, SqlValue>>;

export interface CompiledQuery {
  readonly text: string;
  /** Names a prepared statement: the same for every connection of a process. */
  readonly name: string;
  bind(parameters: Parameters): SqlValue[];
}

/** A query over the tables, with parameters `P` and rows `R`. */
export interface Query<P extends Parameters, R> {
  for(kind: DatabaseKind): CompiledQuery;
  /** Types only: what a row holds. */
  readonly row?: R;
  /** Types only: what must be given. */
  readonly parameters?: P;
}

/** A query builder that compiles for one database and is connected to none. */
export function queryBuilder(kind: DatabaseKind): Kysely<Tables> {
  return kind === 'sqlite'
    ? new Kysely({
        dialect: {
          createAdapter: () => new SqliteAdapter(),
          createDriver: () => new DummyDriver(),
          createIntrospector: (db) => new SqliteIntrospector(db),
          createQueryCompiler: () => new SqliteQueryCompiler(),
        },
      })
    : new Kysely({
        dialect: {
          createAdapter: () => new PostgresAdapter(),
          createDriver: () => new DummyDriver(),
          createIntrospector: (db) => new PostgresIntrospector(db),
          createQueryCompiler: () => new PostgresQueryCompiler(),
        },
      });
}

const builders = { sqlite: queryBuilder('sqlite'), postgres: queryBuilder('postgres') };

/** Stands for a parameter while a query is being built. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const placeholders = new Proxy({}, { get: (_target, name) => new Placeholder(String(name)) });
/** Every query of the program, as soon as its module is loaded: what a check of all of them goes through. */
export const declaredQueries: Pick<Query<Parameters, unknown>, 'for'>[] = [];

/**
 * Declares a query.
 *
 * @param build - Builds it from the parameters' placeholders, which have the parameters' types. It may use a placeholder where
 *   Kysely takes a value, and nowhere else. It runs at most once for each database.
 */
export function query<P extends Parameters, R>(
  build: (db: Kysely<Tables>, parameters: P, kind: DatabaseKind) => Compilable<R>,
): Query<P, R> {
  const name = `q${declaredQueries.length + 1}`;
  const compiled: Partial<Record<DatabaseKind, CompiledQuery>> = {};
  const buildFor = (kind: DatabaseKind) => build(builders[kind], placeholders as P, kind);
  const declared = { for: (kind: DatabaseKind) => (compiled[kind] ??= compile(name, buildFor(kind))) };
  declaredQueries.push(declared);
  return declared;
}

/**
 * Keeps the rows for this unit of work until its commit: `update` from everybody, `share` from those who would change them. On
 * SQLite there is one writer and nothing to do.
 */
export function lockRows<T extends keyof Tables, R>(
  rows: SelectQueryBuilder<Tables, T, R>,
  kind: DatabaseKind,
  strength: 'update' | 'share' = 'update',
): SelectQueryBuilder<Tables, T, R> {
  if (kind === 'sqlite') return rows;
  return strength === 'update' ? rows.forUpdate() : rows.forShare();
}

/** The strings of a JSON array, as a subquery: any number of them is one parameter. */
export function jsonStrings(json: string, kind: DatabaseKind): RawBuilder<string> {
  return kind === 'sqlite'
    ? sql<string>`(select value from json_each(${json}))`
    : sql<string>`(select json_array_elements_text(${json}::json))`;
}

function compile(name: string, built: Compilable): CompiledQuery {
  const result = built.compile();
  const slots = result.parameters;
  return {
    text: result.sql,
    name,
    bind: (parameters) =>
      slots.map((slot) => {
        if (!(slot instanceof Placeholder)) return slot as SqlValue;
        const value = parameters[slot.name];
        if (value === undefined) throw new TypeError(`query parameter "${slot.name}" is missing`);
        return value;
      }),
  };
}
