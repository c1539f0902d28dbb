/** Limits on attempts: counted before they are made, by all processes together. Once on each database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttemptLimits, type Counted } from '../../src/limits/attempt-limits.ts';
import { tidy } from '../../src/housekeeping.ts';
import { systemRuntime } from '../../src/runtime.ts';
import { MacKey } from '../../src/secrets/mac.ts';
import { query } from '../../src/store/query.ts';
import type { Store } from '../../src/store/store.ts';
import { migrated, STORE_KINDS, type Databases } from '../stores.ts';

const rows = query((db) => db.selectFrom('attempt_count').selectAll());

describe.each(STORE_KINDS)('limits on attempts on $name', (kind) => {
  let databases: Databases;
  let stores: Store[];
  let nowMs = 1_800_000_000_000;
  let processes: AttemptLimits[];
  beforeAll(async () => {
    databases = await kind.start();
    const database = await databases.create();
    stores = [await migrated(database), await migrated(database)];
    const runtime = { ...systemRuntime, nowMs: () => nowMs };
    processes = stores.map((store) => new AttemptLimits(store, new MacKey(Buffer.alloc(32, 3)), runtime));
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await databases.stop();
  });

  const holder = (name: string): Counted => ({ kind: 'account', holder: name, limit: { attempts: 5, perMs: 60_000 } });
  const admitted = async (counted: readonly Counted[], attempts: number) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: attempts }, async (_, index) => processes[index % 2]?.take(counted)),
    );
    return outcomes.filter(({ status }) => status === 'fulfilled').length;
  };

  it('admit as many as they say, of any number at once in any process, and tell the first beyond', async () => {
    expect(await admitted([holder('a'), holder('b')], 20)).toBe(5);
    await expect(processes[0]?.take([holder('a')])).rejects.toMatchObject({
      kind: 'account',
      retryAfterSeconds: 60,
      isFirst: false,
    });
    expect(await admitted([holder('c')], 5)).toBe(5);
    await expect(processes[1]?.take([holder('c')])).rejects.toMatchObject({ isFirst: true });
  });

  it('do not count what is given back or forgotten, and begin anew when their time is over', async () => {
    expect(await admitted([holder('d')], 6)).toBe(5);
    await stores[0]?.write(async (tx) => processes[0]?.giveBack(tx, [holder('d')]));
    await stores[0]?.write(async (tx) => processes[0]?.giveBack(tx, [holder('d')]));
    expect(await admitted([holder('d')], 6)).toBe(1);
    await stores[0]?.write(async (tx) => processes[0]?.forget(tx, holder('d')));
    expect(await admitted([holder('d')], 6)).toBe(5);
    nowMs += 60_000;
    expect(await admitted([holder('d')], 6)).toBe(5);
  });

  it('hold no name, and go when nobody needs them', async () => {
    const [store] = stores;
    if (store === undefined) throw new TypeError('no store');
    await processes[0]?.take([holder('somebody@example.com')]);
    expect(JSON.stringify(await store.all(rows, {}))).not.toContain('somebody');
    nowMs += 3_600_000;
    await tidy(store, nowMs);
    expect(await store.all(rows, {})).toEqual([]);
  });
});
