/**
 * Brings a database to the current tables, at start, under a lock: any number of processes may start at once. A database that a
 * later version has migrated further is used as it is, since steps only add (`migrations.ts`).
 */
import { queryBuilder, type DatabaseKind, type SqlValue } from './query.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import type { PostgresStore } from './postgres.ts';
import type { SqliteStore } from './sqlite.ts';
import type { RawStatement } from './store.ts';

/** Taken by every issuer that migrates; the number means nothing. */
const ADVISORY_LOCK = 0x5ea1_6a7e;

export interface MigrationStep {
  readonly id: string;
  readonly sql: readonly string[];
}

const CREATE_LEDGER: Readonly<Record<DatabaseKind, string>> = {
  sqlite: 'create table if not exists schema_migration (id text primary key, applied_ms integer not null) strict',
  postgres: 'create table if not exists schema_migration (id text primary key, applied_ms bigint not null)',
};
const FIND_LEDGER: Readonly<Record<DatabaseKind, string>> = {
  sqlite: "select name from sqlite_schema where type = 'table' and name = 'schema_migration'",
  postgres: "select name from (select to_regclass('schema_migration') as name) as found where name is not null",
};
const READ_LEDGER = 'select id from schema_migration';

/**
 * Applies what is missing, all or nothing.
 *
 * @returns the steps that were applied; with `dryRun`, those that would be, and nothing is written.
 */
export async function migrate(
  store: SqliteStore | PostgresStore,
  nowMs: number,
  options: { readonly dryRun?: boolean; readonly migrations?: readonly Migration[] } = {},
): Promise<MigrationStep[]> {
  const migrations = options.migrations ?? MIGRATIONS;
  let steps: MigrationStep[] = [];
  await store.script(async (read) => {
    const ledger = (await read(FIND_LEDGER[store.kind])).length > 0 ? await read(READ_LEDGER) : [];
    const applied = new Set(ledger.map((row) => (row as { id: string }).id));
    const missing = migrations.filter(({ id }) => !applied.has(id));
    steps = missing.map((migration) => ({
      id: migration.id,
      sql: statementsOf(migration, store.kind).map(({ sql }) => sql),
    }));
    if (options.dryRun === true) return [];
    const createLedger: RawStatement = { sql: CREATE_LEDGER[store.kind], parameters: [] };
    return [
      createLedger,
      ...missing.flatMap((each) => statementsOf(each, store.kind).concat(ledgerEntry(each.id, nowMs, store.kind))),
    ];
  }, ADVISORY_LOCK);
  return steps;
}

function statementsOf(migration: Migration, kind: DatabaseKind): RawStatement[] {
  return migration.statements(queryBuilder(kind), kind).map((statement) => {
    const { sql, parameters } = statement.compile();
    return { sql, parameters: parameters as readonly SqlValue[] };
  });
}

function ledgerEntry(id: string, nowMs: number, kind: DatabaseKind): RawStatement {
  const { sql, parameters } = queryBuilder(kind)
    .insertInto('schema_migration')
    .values({ id, applied_ms: nowMs })
    .compile();
  return { sql, parameters: parameters as readonly SqlValue[] };
}
