/** Users a page at a time, by name: of everybody, or of one tenant. */
import { query } from '../store/query.ts';
import type { Reader } from '../store/store.ts';
import { userOf, type User } from './users.ts';

const ofAll = query((db, p: { after: string; limit: number }) =>
  db.selectFrom('user_account').selectAll().where('username', '>', p.after).orderBy('username').limit(p.limit),
);

const ofTenant = query((db, p: { tenant: string; after: string; limit: number }) =>
  db
    .selectFrom('user_account')
    .selectAll()
    .where('tenant', '=', p.tenant)
    .where('username', '>', p.after)
    .orderBy('username')
    .limit(p.limit),
);

/** @param after - The last name of the page before; empty for the first. */
export async function pageOfUsers(
  reader: Reader,
  { tenant, after, limit }: { readonly tenant: string | undefined; readonly after: string; readonly limit: number },
): Promise<User[]> {
  const rows =
    tenant === undefined
      ? await reader.all(ofAll, { after, limit })
      : await reader.all(ofTenant, { tenant, after, limit });
  return rows.map(userOf);
}
