/** Where a database is, as the configuration names it. Opening it is `open.ts`. */
import { IssuerError } from '../errors.ts';

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
