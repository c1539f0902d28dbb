/** Limits on attempts: counted before they are made, by all processes together. Once on each database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttemptLimits, type Counted } from '../../src/limits/attempt-limits.ts';
import { Turns } from '../../src/limits/turns.ts';
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

  it('let good ones wait for each other, never more at once than they say', async () => {
    const turns = processes.map((limits) => new Turns(limits));
    let underWay = 0;
    let most = 0;
    // Two limits, of which each good attempt leaves the second alone.
    const counted = [holder('e'), { ...holder('f'), limit: { attempts: 7, perMs: 60_000 } }];
    await Promise.all(
      Array.from({ length: 30 }, async () => {
        const turn = await turns[0]?.take(counted);
        most = Math.max(most, ++underWay);
        await stores[0]?.write(async (tx) => processes[0]?.giveBack(tx, counted));
        underWay--;
        turn?.end(true);
      }),
    );
    expect(most).toBe(5);
    expect(await admitted([holder('e')], 6)).toBe(5);
    // Bad ones give nothing back: who waited for them is refused, and counted once.
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, index) => (await turns[index % 2]?.take([holder('g')]))?.end(false)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it.each([
    ['for long', { longestWaitMs: 20, mostWaiting: 10 }],
    ['beyond a number', { longestWaitMs: 3_600_000, mostWaiting: 0 }],
  ])('let nobody wait %s', async (name, bounds) => {
    const [limits] = processes;
    if (limits === undefined) throw new TypeError('no limits');
    const turns = new Turns(limits, bounds);
    const held = await Promise.all(Array.from({ length: 5 }, () => turns.take([holder(name)])));
    await expect(turns.take([holder(name)])).rejects.toMatchObject({ kind: 'account', retryAfterSeconds: 60 });
    for (const turn of held) turn.end(false);
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
