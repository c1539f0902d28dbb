/** Both algorithms, and quotas, against models that are too slow to use but plain to see. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Counter } from '../../src/limits/counter.ts';
import { BucketModel, LogModel, SLICE_SHARE } from './models.ts';
import { Calendar, periodAt, Quotas } from '../../src/limits/quotas.ts';
import { SlidingWindows } from '../../src/limits/sliding-windows.ts';
import { TokenBuckets } from '../../src/limits/token-buckets.ts';

const PER = 1600;
const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 200 });
const small = fc.integer({ min: 1, max: 12 });

/** When each request came, and whether it was admitted. */
function play(counter: Counter, waits: readonly number[]): { readonly atMs: number; readonly left: number }[] {
  let atMs = 0;
  return waits.map((wait) => {
    atMs += wait;
    return { atMs, left: counter.take('k', atMs) };
  });
}

describe('TokenBuckets', () => {
  it('admits exactly what a bucket of fractions would, and says exactly when the next may come', () => {
    fc.assert(
      fc.property(small, small, pauses, (limit, burst, waits) => {
        const model = new BucketModel(limit, PER, burst);
        for (const { atMs, left } of play(new TokenBuckets({ limit, perMs: PER, burst }), waits)) {
          const waitMs = model.take(atMs);
          if (waitMs === 0) expect(left).toBeGreaterThanOrEqual(0);
          else expect(-left).toBeCloseTo(Math.max(1, waitMs), 6);
        }
      }),
    );
  });
});

describe('SlidingWindows', () => {
  it('never admit more than `limit` in any stretch of the window', () => {
    fc.assert(
      fc.property(small, pauses, (limit, waits) => {
        const model = new LogModel();
        for (const { atMs, left } of play(new SlidingWindows({ limit, perMs: PER }), waits)) {
          if (left >= 0) model.admit(atMs);
          expect(model.countSince(atMs - PER)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('refuse only when the window and one slice more are full', () => {
    fc.assert(
      fc.property(small, pauses, (limit, waits) => {
        const model = new LogModel();
        for (const { atMs, left } of play(new SlidingWindows({ limit, perMs: PER }), waits)) {
          // More than `limit` where the newest request took the place of one that is a whole window and a slice old.
          if (left < 0) expect(model.countSince(atMs - PER * (1 + SLICE_SHARE))).toBeGreaterThanOrEqual(limit);
          else model.admit(atMs);
        }
      }),
      { examples: [[1, [46, 1654, 0]]] },
    );
  });

  it('admit at the moment that a refusal named, and not before', () => {
    fc.assert(
      fc.property(small, pauses, (limit, waits) => {
        const windows = new SlidingWindows({ limit, perMs: PER });
        let atMs = 0;
        for (const wait of waits) {
          atMs += wait;
          const left = windows.take('k', atMs);
          if (left >= 0) continue;
          if (left < -1) expect(windows.take('k', atMs - left - 1)).toBeLessThan(0);
          atMs -= left;
          expect(windows.take('k', atMs)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('what another limit refused', () => {
  it.each<[string, Counter]>([
    ['TokenBuckets', new TokenBuckets({ limit: 3, perMs: PER, burst: 3 })],
    ['SlidingWindows', new SlidingWindows({ limit: 3, perMs: PER })],
    ['Quotas', new Quotas(3, new Calendar('month', () => 0))],
  ])('is given back: %s', (_name, counter) => {
    expect(counter.take('k', 0)).toBe(2);
    counter.giveBack('k');
    expect([counter.take('k', 0), counter.take('k', 0), counter.take('k', 0)]).toEqual([2, 1, 0]);
    expect(counter.take('k', 0)).toBeLessThan(0);
    counter.giveBack('nobody');
  });
});

describe('Quotas', () => {
  it('begin anew with the month, in UTC', () => {
    let now = Date.UTC(2026, 1, 28, 23, 59, 59);
    const quotas = new Quotas(2, new Calendar('month', () => now));
    expect([quotas.take('a'), quotas.take('a'), quotas.take('b')]).toEqual([1, 0, 1]);
    expect(quotas.take('a')).toBe(-1000);
    now += 1000;
    expect([quotas.take('a'), quotas.size]).toEqual([1, 1]);
  });

  it.each<['month' | 'day', string, string, string]>([
    ['month', '2026-12-31T23:59:59.999Z', '2026-12', '2027-01-01T00:00:00.000Z'],
    ['month', '2028-02-29T00:00:00.000Z', '2028-02', '2028-03-01T00:00:00.000Z'],
    ['day', '2026-03-31T12:00:00.000Z', '2026-03-31', '2026-04-01T00:00:00.000Z'],
  ])('%s of %s is %s until %s', (period, now, label, end) => {
    expect(periodAt(period, Date.parse(now))).toMatchObject({ label, endMs: Date.parse(end) });
  });
});
