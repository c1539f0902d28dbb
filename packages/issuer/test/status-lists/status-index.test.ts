/** Places in status lists: none twice, whatever happens; and an index says nothing of the order of issue. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRuntime } from '../../src/runtime.ts';
import { StatusPlaces } from '../../src/tokens/status-index.ts';
import { STORE_KINDS, migrated, type Databases } from '../stores.ts';

describe.each(STORE_KINDS)('status places on $name', (storeKind) => {
  let databases: Databases;

  beforeAll(async () => {
    databases = await storeKind.start();
  });
  afterAll(() => databases.stop());

  it('are given once each, to any number of processes, over restarts and from list to list', async () => {
    const database = await databases.create();
    const stores = [await migrated(database), await database.open()];
    const seen = new Set<string>();
    for (let restart = 0; restart < 3; restart++) {
      const processes = stores.map((store) => new StatusPlaces(store, systemRuntime, 16));
      const takes = processes.flatMap((places) => Array.from({ length: 40 }, async () => places.take()));
      for (const { list, index } of await Promise.all(takes)) {
        expect(index).toBeLessThan(16);
        seen.add(`${list}:${index}`);
      }
    }
    expect(seen.size).toBe(3 * 2 * 40);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('are shuffled', async () => {
    const store = await migrated(await databases.create());
    const places = new StatusPlaces(store, systemRuntime);
    const indexes: number[] = [];
    for (let turn = 0; turn < 100; turn++) indexes.push((await places.take()).index);
    const steps = indexes.slice(1).map((index, at) => index - (indexes[at] ?? 0));
    expect(steps.filter((step) => step === 1 || step === -1).length).toBeLessThan(10);
    await store.close();
  });
});
