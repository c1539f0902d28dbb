import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBuckets } from './token-buckets.ts';

describe('TokenBuckets', () => {
  it('gives the burst at once, then refills evenly', () => {
    const buckets = new TokenBuckets({ limit: 10, perMs: 1000, burst: 3 });
    expect([buckets.take('a', 0), buckets.take('a', 0), buckets.take('a', 0)]).toEqual([2, 1, 0]);
    expect(buckets.take('a', 0)).toBe(-100);
    expect(buckets.take('a', 99)).toBeLessThan(0);
    expect(buckets.take('a', 100)).toBeCloseTo(0);
    expect(buckets.take('b', 100)).toBe(2);
  });

  it('never admits more than burst + limit * time, nor less than that for a steady caller', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 }),
        (limit, burst, pauses) => {
          const buckets = new TokenBuckets({ limit, perMs: 1000, burst, maxKeys: 4 });
          let now = 0;
          let admitted = 0;
          for (const pause of pauses) {
            now += pause;
            if (buckets.take('k', now) >= 0) admitted++;
          }
          expect(admitted).toBeLessThanOrEqual(burst + (limit * now) / 1000 + 1e-6);
        },
      ),
    );
  });

  it('forgets keys whose bucket is full again, and only those', () => {
    const buckets = new TokenBuckets({ limit: 1, perMs: 1000, burst: 2 });
    for (let now = 0; now < 10_000; now += 10) buckets.take(`key ${now}`, now);
    expect(buckets.size).toBeLessThanOrEqual(401);
    buckets.take('x', 10_000);
    buckets.take('x', 10_000);
    expect(buckets.take('x', 10_990)).toBeLessThan(0);
  });

  it('stays bounded under a flood of keys', () => {
    const buckets = new TokenBuckets({ limit: 1, perMs: 3_600_000, burst: 1, maxKeys: 1000 });
    for (let index = 0; index < 20_000; index++) buckets.take(String(index), index);
    expect(buckets.size).toBeLessThanOrEqual(1000);
  });
});
