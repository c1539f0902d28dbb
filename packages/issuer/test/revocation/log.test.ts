/** The revocation log: durable, ordered, numbered without gaps (DESIGN.md section 3). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  appendRevocations,
  createLog,
  dropExpiredRevocations,
  readChanges,
  readLive,
  readLogHead,
} from '../../src/revocation/log.ts';
import { nextWholeSecond, type NewRevocation } from '../../src/revocation/record.ts';
import { systemRuntime } from '../../src/runtime.ts';
import type { Store } from '../../src/store/store.ts';
import { STORE_KINDS, migrated, type Databases, type TestDatabase } from '../stores.ts';

/** Seconds that a record outlives the tokens it hits. */
const SKEW = 300;

const session = (id: string, expires = 100): NewRevocation => ({ kind: 'session', id, before: 10, expires });

describe.each(STORE_KINDS)('the revocation log on $name', (storeKind) => {
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
    await createLog(store, systemRuntime);
  });
  afterEach(() => store.close());

  const append = (...records: NewRevocation[]) => store.write((tx) => appendRevocations(tx, records));

  it('keeps its id over restarts, so that verifiers can resume', async () => {
    const before = await readLogHead(store);
    await createLog(store, systemRuntime);
    expect(await readLogHead(store)).toEqual(before);
  });

  it('numbers records from 1 in the order given', async () => {
    expect(await append(session('a'), session('b'))).toBe(2);
    expect(await append(session('c'))).toBe(3);
    expect((await readChanges(store, 0, 10)).map(({ seq, id }) => [seq, id])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect((await readChanges(store, 2, 10)).map(({ id }) => id)).toEqual(['c']);
  });

  it('has no gap when units fail, whatever runs beside them', async () => {
    await Promise.allSettled(
      Array.from({ length: 60 }, (_unused, turn) =>
        store.write(async (tx) => {
          await appendRevocations(tx, [session(`${turn}`), session(`${turn}'`)]);
          if (turn % 3 === 0) throw new Error('no');
        }),
      ),
    );
    const changes = await readChanges(store, 0, 1000);
    expect(changes.map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_unused, index) => index + 1));
    expect((await readLogHead(store)).seq).toBe(80);
  });

  it('shows a reader who has seen a number everything before it', async () => {
    const reader = await database.open();
    const writers = Promise.all(Array.from({ length: 100 }, (_unused, turn) => append(session(`${turn}`))));
    let seen = 0;
    while (seen < 100) {
      for (const { seq } of await readChanges(reader, seen, 1000)) {
        expect(seq).toBe(seen + 1);
        seen = seq;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writers;
    await reader.close();
  });

  it('drops what hits nothing any more, in small steps, and raises the floor for those who resume', async () => {
    await append(session('a', 50), session('b', 9_000), session('c', 60), session('d', 9_000));
    expect(await dropExpiredRevocations(store, 60 + SKEW + 1, 1)).toBe(1);
    expect(await dropExpiredRevocations(store, 60 + SKEW + 1, 10)).toBe(1);
    expect(await dropExpiredRevocations(store, 60 + SKEW + 1, 10)).toBe(0);
    expect((await readChanges(store, 0, 10)).map(({ id }) => id)).toEqual(['b', 'd']);
    expect(await readLogHead(store)).toMatchObject({ seq: 4, floor: 3 });
  });

  it('keeps a record for the largest clock skew beyond the tokens it hits, as a lenient verifier still takes those', async () => {
    await append(session('a', 50));
    expect(await dropExpiredRevocations(store, 50 + SKEW, 10)).toBe(0);
    expect(await dropExpiredRevocations(store, 50 + SKEW + 1, 10)).toBe(1);
  });

  it('reads what is live at one number, in pages', async () => {
    await append(session('a', 50), session('b', 9_000), session('c', 9_000), session('d', 9_000), session('e', 9_000));
    const pages: string[][] = [];
    for await (const page of readLive(store, 4, 60 + SKEW, 2)) pages.push(page.map(({ id }) => id));
    expect(pages).toEqual([['b', 'c'], ['d']]);
  });
});

describe('the boundary of a revocation (ADR 6)', () => {
  it.each([
    ['within a second', 10_200, 11],
    ['on a whole second', 10_000, 11],
    ['just before a second', 10_999, 11],
  ])('is the next whole second: %s', (_name, nowMs, before) => {
    expect(nextWholeSecond(nowMs)).toBe(before);
  });
});
