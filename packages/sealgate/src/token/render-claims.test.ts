import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeTime, renderMembers, safeJson, safeText } from './render-claims.ts';

describe('claims on a terminal', () => {
  it('shows names, values, and what times mean now', () => {
    expect(renderMembers({ sub: 'alice', aud: ['a', 'b'], exp: 1_700_000_600 }, 1_700_000_000)).toBe(
      '  sub  alice\n  aud  ["a","b"]\n  exp  1700000600  (2023-11-14T22:23:20Z, in 10 minutes)\n',
    );
  });

  it.each([
    [30, 'in 30 seconds'],
    [-1, '1 second ago'],
    [-600, '10 minutes ago'],
    [7200, 'in 2 hours'],
    [-86_400 * 3, '3 days ago'],
  ])('%d seconds from now is %s', (offset, words) => {
    expect(describeTime(1_700_000_000 + offset, 1_700_000_000)).toContain(words);
  });

  it('has nothing to say of a time beyond the calendar', () => {
    expect(describeTime(1e300, 0)).toBeUndefined();
  });

  it('lets nothing in a token speak to the terminal', () => {
    const members = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
    fc.assert(
      fc.property(members, (claims) => {
        expect(renderMembers(claims, 0).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        expect(JSON.parse(safeJson(claims))).toEqual(JSON.parse(JSON.stringify(claims)));
      }),
    );
    expect(safeText('\u001b]0;owned\u0007')).toBe(String.raw`"\u001b]0;owned\u0007"`);
    expect(safeText('abc\u202egnp.exe')).toBe(String.raw`"abc\u202egnp.exe"`);
  });
});
