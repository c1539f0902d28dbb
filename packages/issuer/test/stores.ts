/** The databases that a suite runs on: every contract holds on both. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '../src/store/migrate.ts';
import { openPostgres, type PostgresStore } from '../src/store/postgres.ts';
import { openSqlite, type SqliteStore } from '../src/store/sqlite.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

export interface StoreKind {
  readonly name: 'SQLite' | 'PostgreSQL';
  start(): Promise<Databases>;
}

/** Makes empty databases; opening one again sees what was committed. */
export interface Databases {
  create(): Promise<TestDatabase>;
  stop(): Promise<void>;
}

export interface TestDatabase {
  /** As it stands in a configuration. */
  readonly address: string;
  open(): Promise<SqliteStore | PostgresStore>;
}

export const STORE_KINDS: readonly StoreKind[] = [
  {
    name: 'SQLite',
    start: async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-sqlite-'));
      let made = 0;
      return {
        create: async () => {
          const file = path.join(folder, `${++made}.db`);
          return { address: `sqlite:${file}`, open: async () => openSqlite(file) };
        },
        stop: async () => rmSync(folder, { recursive: true, force: true }),
      };
    },
  },
  {
    name: 'PostgreSQL',
    start: async () => {
      const server: PostgresServer = await startPostgres();
      return {
        create: async () => {
          const address = await server.createDatabase();
          return { address, open: () => openPostgres(address) };
        },
        stop: () => server.stop(),
      };
    },
  },
];

/** Opens a new database with the current tables. */
export async function migrated(database: TestDatabase): Promise<SqliteStore | PostgresStore> {
  const store = await database.open();
  await migrate(store, 0);
  return store;
}
