import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, suggestName } from './suggest.ts';

describe('did you mean', () => {
  it.each([
    ['methds', 'methods'],
    ['mehtods', 'methods'],
    ['body_limit', 'bodyLimit'],
    ['BODYLIMIT', 'bodyLimit'],
    ['rout', 'routes'],
  ])('%s: %s', (given, meant) => {
    expect(suggestName(given, ['methods', 'bodyLimit', 'routes', 'to'])).toBe(meant);
  });

  it.each(['zzz', 'x'.repeat(100), ''])('has nothing to say about %j', (given) => {
    expect(suggestName(given, ['methods', 'bodyLimit'])).toBeUndefined();
  });

  it('measures a distance: zero for the same, symmetric, at most the longer name', () => {
    const names = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(names, names, (a, b) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
