/** User names have one form (RFC 8265 section 3.3), so that two spellings of one name are one user (ATTACKS.md I8). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalUsername } from './username.ts';

describe('a user name', () => {
  it.each([
    ['Demo@Example.com', 'demo@example.com'],
    ['ｄｅｍｏ', 'demo'],
    ['ﬁsh', 'fish'],
    ['e\u0301', '\u00e9'],
    ['ΑΣ', 'ας'],
    ['K', 'k'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalUsername(text)).toBe(canonical);
  });

  it.each([
    ['nothing', ''],
    ['white space', 'a b'],
    ['a no-break space', 'a\u00a0b'],
    ['NUL', 'a\0'],
    ['a zero-width joiner', 'a\u200db'],
    ['a direction mark', 'a\u202eb'],
    ['a lone surrogate', 'a\ud800'],
    ['a private character', '\ue000'],
    ['too much', 'a'.repeat(255)],
    ['what grows too long', 'ﷺ'.repeat(200)],
  ])('is not %s', (_name, text) => {
    expect(canonicalUsername(text)).toBeUndefined();
  });

  it('has a form that is its own form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const canonical = canonicalUsername(text);
        if (canonical !== undefined) expect(canonicalUsername(canonical)).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });
});
