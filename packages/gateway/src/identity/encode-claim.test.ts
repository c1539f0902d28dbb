import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeClaim, LONGEST_IDENTITY_VALUE } from './encode-claim.ts';

describe('encodeClaim (ATTACKS.md G6)', () => {
  it.each([
    ['a plain string', 'alice@example.com', 'alice@example.com'],
    ['spaces inside', 'Jane Doe', 'Jane Doe'],
    ['spaces at the ends', '  x ', '%20%20x%20'],
    ['a line break', 'a\r\nx-admin: 1', 'a%0D%0Ax-admin: 1'],
    ['NUL and tab', '\u0000\t', '%00%09'],
    ['non-ASCII', 'Zoë', 'Zo%C3%AB'],
    ['an astral character', '😀', '%F0%9F%98%80'],
    ['a per cent sign', '100%', '100%25'],
    ['the empty string', '', ''],
    ['a number', 1.5, '1.5'],
    ['a boolean', false, 'false'],
    ['a list', ['editor', 'a,b'], 'editor,a%2Cb'],
    ['a list of mixed types', [1, true, 'x', null], '1,true,x'],
    ['an object', { a: 'ü' }, '{"a":"%C3%BC"}'],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['an empty list', [], undefined],
    ['a lone surrogate', '\ud800', null],
    ['a lone surrogate in a list', ['a', '\udc00'], null],
    ['too long a text', 'x'.repeat(LONGEST_IDENTITY_VALUE + 1), null],
  ])('%s', (_name, value, expected) => {
    expect(encodeClaim(value)).toBe(expected);
  });

  it('gives every well-formed string back through decodeURIComponent, and never leaves printable ASCII', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => text.isWellFormed()),
        (text) => {
          const encoded = encodeClaim(text);
          expect(encoded).toMatch(/^[\x20-\x7e]*$/u);
          expect(encoded).toBe(encoded?.trim());
          expect(decodeURIComponent(encoded ?? '')).toBe(text);
        },
      ),
    );
  });

  it('gives every list of strings back through split and decodeURIComponent', () => {
    const item = fc.string({ unit: 'binary', maxLength: 10 }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), (items) => {
        expect(encodeClaim(items)?.split(',').map(decodeURIComponent)).toEqual(items);
      }),
    );
  });
});
