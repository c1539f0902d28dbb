/**
 * Every query that the issuer declares finds its rows by an index, on both databases: none reads a table from end to end that grows with
 * users, sessions, tokens or time. The queries are those that were declared, so a new one is here by itself.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenAtPlace } from '../../src/admin/revocations.ts';
import { declaredQueries } from '../../src/store/query.ts';
import type { PostgresStore } from '../../src/store/postgres.ts';
import type { SqliteStore } from '../../src/store/sqlite.ts';
import { migrated, STORE_KINDS, type Databases } from '../stores.ts';

/** Tables that stay small whatever happens: a row each, or some for each key and each million tokens. */
const SMALL = new Set(['log_head', 'audit_head', 'data_key', 'signing_key', 'status_list', 'schema_migration']);

type Read = (sql: string) => Promise<readonly unknown[]>;

/** The tables that a query reads from end to end. */
type Scanned = (read: Read, text: string, name: string) => Promise<string[]>;

/** A walk along an index that ends at a limit reads no more than it answers: it has no terms to pass rows over by. */
const endsAtLimit = (text: string) => /\blimit\b/u.test(text) && !/\bwhere\b/u.test(text);

const scannedOnSqlite: Scanned = async (read, text) => {
  const plan = (await read(`explain query plan ${text}`)) as { detail: string }[];
  const sorts = plan.some(({ detail }) => /TEMP B-TREE FOR ORDER BY/u.test(detail));
  return plan.flatMap(({ detail }) => {
    const [, table] = /^SCAN (\w+)/u.exec(detail) ?? [];
    return table === undefined || (endsAtLimit(text) && !sorts) ? [] : [table];
  });
};

const scannedOnPostgres: Scanned = async (read, text, name) => {
  const parameters = new Set(text.match(/\$\d+/gu)).size;
  const values = Array.from({ length: parameters }, () => 'null').join(', ');
  await read(`prepare ${name} as ${text}`);
  const plan = await read(`explain (costs off) execute ${name}${values === '' ? '' : `(${values})`}`);
  return plan.flatMap((row) => {
    const [, table] = /Seq Scan on (\w+)/u.exec(Object.values(row as object).join()) ?? [];
    return table ?? [];
  });
};

describe.each(STORE_KINDS)('the queries on $name', (kind) => {
  let databases: Databases;
  let store: SqliteStore | PostgresStore;
  beforeAll(async () => {
    // Declares all there are.
    await import('../../src/index.ts');
    databases = await kind.start();
    store = await migrated(await databases.create());
  });
  afterAll(async () => {
    await store.close();
    await databases.stop();
  });

  /** What is read from end to end and grows, by query. */
  async function scanned(queries: readonly { readonly text: string; readonly name: string }[]) {
    const found: Record<string, string[]> = {};
    await store.script(async (read) => {
      if (store.kind === 'postgres') {
        // Empty tables are read whole unless that is forbidden; null parameters would be planned away.
        await read('set local enable_seqscan = off');
        await read('set local plan_cache_mode = force_generic_plan');
      }
      const tables = (await read(
        store.kind === 'sqlite'
          ? `select name from sqlite_master where type = 'table'`
          : `select tablename as name from pg_tables where schemaname = 'public'`,
      )) as { name: string }[];
      const growing = new Set(tables.map(({ name }) => name).filter((name) => !SMALL.has(name)));
      const scannedBy = store.kind === 'sqlite' ? scannedOnSqlite : scannedOnPostgres;
      for (const { text, name } of queries) {
        const whole = (await scannedBy(read, text, name)).filter((table) => growing.has(table));
        if (whole.length > 0) found[text] = whole;
      }
      return [];
    }, 1);
    return found;
  }

  it('find their rows by an index', async () => {
    expect(declaredQueries.length).toBeGreaterThan(50);
    expect(await scanned(declaredQueries.map((query) => query.for(store.kind)))).toEqual({});
  });

  it('find a token to revoke by the key of its row, and by nothing wider', async () => {
    const { text } = tokenAtPlace.for(store.kind);
    let plan: readonly unknown[] = [];
    await store.script(async (read) => {
      if (store.kind === 'sqlite') plan = await read(`explain query plan ${text}`);
      else {
        await read('set local enable_seqscan = off');
        await read('set local plan_cache_mode = force_generic_plan');
        await read(`prepare at_place as ${text}`);
        plan = await read('explain (costs off) execute at_place(null, null, null, null)');
      }
      return [];
    }, 1);
    expect(plan.map((row) => Object.values(row as object).join(' ')).join('\n')).toMatch(
      store.kind === 'sqlite'
        ? /SEARCH access_token USING PRIMARY KEY \(list=\? AND idx=\?\)/u
        : /using access_token_key[^]*list = \$1\) AND \(idx = \$2/u,
    );
  });

  it('would be found out otherwise', async () => {
    const text = `select id from session where methods = ${store.kind === 'sqlite' ? '?' : '$1'}`;
    expect(await scanned([{ text, name: 'whole' }])).toEqual({ [text]: ['session'] });
  });
});
