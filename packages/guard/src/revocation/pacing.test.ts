import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBackoff } from './backoff.ts';
import { Freshness } from './freshness.ts';

describe('backoff', () => {
  it('waits between half and all of a bound that doubles up to the longest, and starts over', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
        const backoff = createBackoff({ firstMs: 100, maxMs: 1000, random: () => chance });
        for (const bound of [100, 200, 400, 800, 1000, 1000]) {
          const wait = backoff.nextMs();
          expect(wait).toBeGreaterThanOrEqual(bound / 2);
          expect(wait).toBeLessThanOrEqual(bound);
        }
        backoff.reset();
        expect(backoff.nextMs()).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('freshness', () => {
  it.each([
    ['fresh at the moment', 100, true],
    ['fresh until the bound', 130, true],
    ['stale after it', 130.001, false],
    ['fresh when the clock stepped back a little', 71, true],
    ['stale when it stepped back further', 69, false],
    ['stale when the clock is NaN', Number.NaN, false],
  ])('is %s', (_name, now, fresh) => {
    const freshness = new Freshness();
    freshness.confirm(100);
    expect(freshness.isFresh(now, 30)).toBe(fresh);
  });

  it('is stale before it was ever confirmed, or when the clock was NaN then', () => {
    const freshness = new Freshness();
    expect(freshness.isFresh(100, 30)).toBe(false);
    expect(freshness.ageSeconds(100)).toBe(Number.POSITIVE_INFINITY);
    freshness.confirm(Number.NaN);
    expect(freshness.isFresh(100, 30)).toBe(false);
  });
});
