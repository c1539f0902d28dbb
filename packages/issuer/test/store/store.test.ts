/** What the rest of the issuer relies on, the same on both databases (ADR 3). */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IssuerError } from '../../src/errors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { query } from '../../src/store/query.ts';
import type { Store, StoreMessage } from '../../src/store/store.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { STORE_KINDS, migrated, type Databases, type TestDatabase } from '../stores.ts';

const insert = query((db, p: { list: number; next: number }) =>
  db.insertInto('status_list').values({ list: p.list, size: 100, next_index: p.next, created_ms: 0 }),
);
const increment = query((db, p: { list: number }) =>
  db
    .updateTable('status_list')
    .set((e) => ({ next_index: e('next_index', '+', 1) }))
    .where('list', '=', p.list)
    .returning('next_index'),
);
const read = query((db, p: { list: number }) =>
  db.selectFrom('status_list').select('next_index').where('list', '=', p.list),
);
const lockAndRead = query((db, p: { list: number }, kind) => {
  const rows = db.selectFrom('status_list').select('next_index').where('list', '=', p.list);
  return kind === 'postgres' ? rows.forUpdate() : rows;
});
const set = query((db, p: { list: number; next: number }) =>
  db.updateTable('status_list').set({ next_index: p.next }).where('list', '=', p.list),
);
const orphan = query((db) =>
  db
    .insertInto('client_secret')
    .values({ id: 's', client: 'nobody', mac: Buffer.of(1), created_ms: 0, expires_ms: null }),
);

it('keeps an SQLite database, and its journal, for its owner only, also one that was made otherwise', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-mode-'));
  const file = path.join(folder, 'made.db');
  writeFileSync(file, '', { mode: 0o644 });
  const store = openSqlite(file);
  await migrate(store, 0);
  const modes = () => readdirSync(folder).map((name) => (statSync(path.join(folder, name)).mode & 0o777).toString(8));
  expect(modes()).toEqual(['600', '600', '600']);
  await store.close();
  rmSync(folder, { recursive: true });
});

describe.each(STORE_KINDS)('the store on $name', (storeKind) => {
  let databases: Databases;
  let database: TestDatabase;
  let store: Store;

  beforeAll(async () => {
    databases = await storeKind.start();
  });
  afterAll(() => databases.stop());
  beforeEach(async () => {
    database = await databases.create();
    store = await migrated(database);
  });
  afterEach(() => store.close());

  it('keeps what a unit of work wrote, for every later connection', async () => {
    await store.write(async (tx) => {
      await tx.run(insert, { list: 1, next: 5 });
    });
    const other = await database.open();
    expect(await other.first(read, { list: 1 })).toEqual({ next_index: 5 });
    await other.close();
  });

  it('keeps nothing of a unit that throws, and passes its error on', async () => {
    const failure = new Error('no');
    const unit = store.write(async (tx) => {
      await tx.run(insert, { list: 1, next: 5 });
      throw failure;
    });
    await expect(unit).rejects.toBe(failure);
    expect(await store.first(read, { list: 1 })).toBeUndefined();
  });

  it('keeps the units beside one that throws', async () => {
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((list) =>
        store.write(async (tx) => {
          await tx.run(insert, { list, next: list });
          if (list === 2) throw new Error('no');
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.first(read, { list: 1 })).toEqual({ next_index: 1 });
    expect(await store.first(read, { list: 2 })).toBeUndefined();
    expect(await store.first(read, { list: 3 })).toEqual({ next_index: 3 });
  });

  it('does a unit once, that ran before one that fails after it has written', async () => {
    await store.execute(insert, { list: 1, next: 0 });
    const failure = new Error('no');
    const outcomes = await Promise.allSettled([
      store.write((tx) => tx.first(increment, { list: 1 })),
      store.write(() => Promise.reject(failure)),
      store.write(async (tx) => {
        await tx.first(increment, { list: 1 });
        throw failure;
      }),
      store.write((tx) => tx.first(increment, { list: 1 })),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(await store.first(read, { list: 1 })).toEqual({ next_index: 2 });
  });

  it('sees its own writes within a unit, and nobody else does before the commit', async () => {
    await store.write(async (tx) => {
      await tx.run(insert, { list: 1, next: 5 });
      expect(await tx.first(read, { list: 1 })).toEqual({ next_index: 5 });
      expect(await store.first(read, { list: 1 })).toBeUndefined();
    });
  });

  it('loses no update when a hundred units read, then write the same locked row', async () => {
    await store.execute(insert, { list: 1, next: 0 });
    await Promise.all(
      Array.from({ length: 100 }, () =>
        store.write(async (tx) => {
          const row = await tx.first(lockAndRead, { list: 1 });
          await tx.run(set, { list: 1, next: (row?.next_index ?? 0) + 1 });
        }),
      ),
    );
    expect(await store.first(read, { list: 1 })).toEqual({ next_index: 100 });
  });

  it('tries a unit again when the database aborts it for a deadlock', async () => {
    await store.execute(insert, { list: 1, next: 0 });
    await store.execute(insert, { list: 2, next: 0 });
    const crosswise = Array.from({ length: 10 }, (_unused, turn) =>
      store.write(async (tx) => {
        const [first, second] = turn % 2 === 0 ? [1, 2] : [2, 1];
        await tx.first(increment, { list: first });
        await tx.first(increment, { list: second });
      }),
    );
    await Promise.all(crosswise);
    expect(await store.first(read, { list: 1 })).toEqual({ next_index: 10 });
    expect(await store.first(read, { list: 2 })).toEqual({ next_index: 10 });
  }, 60_000);

  it('runs what a unit leaves for its end, several statements as one, and nothing of it where one fails', async () => {
    await store.write(async (tx) => {
      await tx.runByEnd(insert, { list: 1, next: 1 });
      await tx.runByEnd(insert, { list: 2, next: 2 });
    });
    await store.write(async (tx) => {
      await tx.runByEnd(set, { list: 1, next: 11 });
      await tx.runByEnd(insert, { list: 3, next: 3 });
      await tx.runByEnd(set, { list: 2, next: 12 });
    });
    const next = (list: number) => store.first(read, { list }).then((row) => row?.next_index);
    expect([await next(1), await next(2), await next(3)]).toEqual([11, 12, 3]);
    const failing = store.write(async (tx) => {
      await tx.runByEnd(set, { list: 1, next: 99 });
      await tx.runByEnd(insert, { list: 3, next: 99 });
    });
    await expect(failing).rejects.toBeInstanceOf(IssuerError);
    expect([await next(1), await next(3)]).toEqual([11, 3]);
  });

  it('answers how many rows a single statement touched', async () => {
    expect(await store.execute(insert, { list: 1, next: 0 })).toBe(1);
    expect(await store.execute(set, { list: 1, next: 9 })).toBe(1);
    expect(await store.execute(set, { list: 2, next: 9 })).toBe(0);
  });

  it('holds references between tables', async () => {
    const unit = store.execute(orphan, {});
    await expect(unit).rejects.toSatisfy(
      (error) => error instanceof IssuerError && error.code === 'database_unavailable',
    );
  });

  it('delivers an announcement after the commit, and none for a unit that failed', async () => {
    const heard: StoreMessage[] = [];
    const stop = store.subscribe((message) => heard.push(message));
    await store
      .write(async (tx) => {
        await tx.announce({ about: 'client', id: 'never' });
        throw new Error('no');
      })
      .catch(() => undefined);
    const arrived = new Promise<void>((resolve) => {
      store.subscribe(() => resolve());
    });
    await store.write(async (tx) => {
      await tx.run(insert, { list: 1, next: 5 });
      await tx.announce({ about: 'client', id: 'c' });
      expect(heard).toEqual([]);
    });
    await arrived;
    expect(heard).toEqual([{ about: 'client', id: 'c' }]);
    stop();
  });

  describe('migrations', () => {
    it('apply once, whatever number of processes start at the same time', async () => {
      const fresh = await databases.create();
      const starting = await Promise.all([fresh.open(), fresh.open(), fresh.open()]);
      const applied = await Promise.all(starting.map((each) => migrate(each, 0)));
      expect(applied.flat().map(({ id }) => id)).toEqual(MIGRATIONS.map(({ id }) => id));
      await Promise.all(starting.map((each) => each.close()));
    });

    it('can be rehearsed: the statements are told, and nothing is changed', async () => {
      const fresh = await databases.create();
      const opened = await fresh.open();
      const [first] = await migrate(opened, 0, { dryRun: true });
      expect(first?.sql[0]).toMatch(/^create table "log_head"/u);
      expect((await migrate(opened, 0)).length).toBe(MIGRATIONS.length);
      await opened.close();
    });

    it('leave a database alone that a later version has migrated further', async () => {
      const later = { id: '9999-later', statements: () => [] };
      const opened = await database.open();
      await migrate(opened, 0, { migrations: [...MIGRATIONS, later] });
      expect(await migrate(opened, 0)).toEqual([]);
      await opened.close();
    });

    it('are all or nothing', async () => {
      const fresh = await databases.create();
      const opened = await fresh.open();
      const broken: (typeof MIGRATIONS)[number] = {
        id: '9999-broken',
        statements: (db) => [db.schema.createIndex('i').on('no_such_table').column('c')],
      };
      await expect(migrate(opened, 0, { migrations: [...MIGRATIONS, broken] })).rejects.toThrow(/no_such_table/u);
      expect((await migrate(opened, 0)).length).toBe(MIGRATIONS.length);
      await opened.close();
    });
  });
});
