/** Opens the store that a database address names, and brings it up to date. */
import type { DatabaseAddress } from './address.ts';
import { migrate } from './migrate.ts';
import { openPostgres, type PostgresOptions, type PostgresStore } from './postgres.ts';
import { openSqlite, type SqliteStore } from './sqlite.ts';

/** @throws {IssuerError} `database_unavailable`. */
export async function openStore(
  address: DatabaseAddress,
  nowMs: number,
  options: PostgresOptions = {},
): Promise<SqliteStore | PostgresStore> {
  const store = address.kind === 'sqlite' ? openSqlite(address.path) : await openPostgres(address.url, options);
  try {
    await migrate(store, nowMs);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
