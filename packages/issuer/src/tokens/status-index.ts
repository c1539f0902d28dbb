/**
 * Places in status lists (Token Status List, section 4): each access token gets one that no other token ever has. They are taken
 * from the database in blocks, durably and before use, so that a restart loses the rest of a block and reuses nothing; within a
 * block they are shuffled, so that an index says nothing about the order of issue.
 */
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import type { Runtime } from '../runtime.ts';

export interface StatusPlace {
  readonly list: number;
  readonly index: number;
}

/** A list of 2^20 bits is 128 KiB before compression. */
export const STATUS_LIST_SIZE = 1 << 20;
const BLOCK_SIZE = 1024;

const takeBlock = query((db, p: { block: number }) =>
  db
    .updateTable('status_list')
    .set((e) => ({ next_index: e('next_index', '+', p.block) }))
    .where('list', '=', (e) => e.selectFrom('status_list').select((s) => s.fn.max('list').as('newest')))
    .whereRef('next_index', '<', 'size')
    .returning(['list', 'next_index']),
);

const newestList = query((db) =>
  db.selectFrom('status_list').select(['list', 'next_index', 'size']).orderBy('list', 'desc').limit(1),
);

const createList = query((db, p: { list: number; size: number; next: number; now: number }) =>
  db
    .insertInto('status_list')
    .values({ list: p.list, size: p.size, next_index: p.next, created_ms: p.now })
    .onConflict((c) => c.column('list').doNothing()),
);

export class StatusPlaces {
  readonly #store: Store;
  readonly #runtime: Runtime;
  readonly #listSize: number;
  #places: StatusPlace[] = [];
  #refill: Promise<void> | undefined;

  constructor(store: Store, runtime: Runtime, listSize: number = STATUS_LIST_SIZE) {
    this.#store = store;
    this.#runtime = runtime;
    this.#listSize = listSize;
  }

  /** A place for one token. A promise only when the block in hand is used up. */
  take(): StatusPlace | Promise<StatusPlace> {
    const place = this.#places.pop();
    if (place === undefined) return this.#takeAfterRefill();
    // The next block is fetched while this one still lasts.
    if (this.#places.length < BLOCK_SIZE / 4) this.#refillOnce().catch(() => undefined);
    return place;
  }

  async #takeAfterRefill(): Promise<StatusPlace> {
    for (;;) {
      await this.#refillOnce();
      const place = this.#places.pop();
      if (place !== undefined) return place;
    }
  }

  #refillOnce(): Promise<void> {
    this.#refill ??= this.#fetchBlock().finally(() => (this.#refill = undefined));
    return this.#refill;
  }

  async #fetchBlock(): Promise<void> {
    const block = Math.min(BLOCK_SIZE, this.#listSize);
    const { list, end } = await this.#store.write(async (tx) => {
      const taken = await tx.first(takeBlock, { block });
      if (taken !== undefined) return { list: taken.list, end: taken.next_index };
      const newest = await tx.first(newestList, {});
      // Another process has made a list since: this round yields nothing, the next takes from it.
      if (newest !== undefined && newest.next_index < newest.size) return { list: newest.list, end: 0 };
      const list = (newest?.list ?? 0) + 1;
      const created = await tx.run(createList, { list, size: this.#listSize, next: block, now: this.#runtime.nowMs() });
      // The same, in the same moment.
      return created === 1 ? { list, end: block } : { list, end: 0 };
    });
    if (end === 0) return;
    const fresh = Array.from({ length: block }, (_unused, offset) => ({ list, index: end - block + offset }));
    this.#places = [...shuffled(fresh, this.#runtime), ...this.#places];
  }
}

/** Fisher and Yates; 32 random bits for each step leave a bias below 2^-22. */
function shuffled(places: StatusPlace[], runtime: Runtime): StatusPlace[] {
  const random = Buffer.from(runtime.random(places.length * 4));
  for (let last = places.length - 1; last > 0; last--) {
    const chosen = random.readUInt32BE(last * 4) % (last + 1);
    const place = places[last] as StatusPlace;
    places[last] = places[chosen] as StatusPlace;
    places[chosen] = place;
  }
  return places;
}
