/** Opens the store that a database address names, and brings it up to date. */
import { IssuerError } from '../errors.ts';
import { migrate } from './migrate.ts';
import { openPostgres, type PostgresOptions, type PostgresStore } from './postgres.ts';
import { openSqlite, type SqliteStore } from './sqlite.ts';

/** Where state is kept. A PostgreSQL address may hold a password: it is not printed. */
export type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string };

/** @throws {IssuerError} `database_url_invalid`. */
export function parseDatabaseAddress(
  text: string,
  resolvePath: (path: string) => string = (path) => path,
): DatabaseAddress {
  const [, sqlitePath = ''] = /^sqlite:(.+)$/su.exec(text) ?? [];
  if (sqlitePath !== '' && !sqlitePath.startsWith('//')) return { kind: 'sqlite', path: resolvePath(sqlitePath) };
  if (/^postgres(?:ql)?:\/\//u.test(text) && URL.canParse(text)) return { kind: 'postgres', url: text };
  throw new IssuerError('database_url_invalid');
}

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
