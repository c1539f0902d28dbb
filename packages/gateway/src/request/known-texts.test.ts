import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownTexts, USUAL_FIELD_NAMES } from './known-texts.ts';

/** Few letters, so that texts meet in one place of the table and come again. */
const text = fc.string({ unit: fc.constantFrom('a', 'B', '-', 'ÿ', '\u0000'), maxLength: 60 });

describe('a known text', () => {
  it('is what would be cut out, whatever was seen before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, text), { maxLength: 40 }), (wholes) => {
        const [known, lower] = [new KnownTexts(), new KnownTexts([], (each) => each.toLowerCase())];
        for (const [before, middle, after] of wholes) {
          const whole = before + middle + after;
          const [start, end] = [before.length, before.length + middle.length];
          expect(known.at(whole, start, end)).toBe(middle);
          expect(lower.at(whole, start, end)).toBe(middle.toLowerCase());
        }
      }),
    );
  });

  it('has its place from the start where it is usual', () => {
    const made: string[] = [];
    const known = new KnownTexts(USUAL_FIELD_NAMES, (each) => {
      made.push(each);
      return each.toLowerCase();
    });
    expect(made).toEqual(expect.arrayContaining(['content-type', 'Content-Type', 'x-request-id', 'X-Request-Id']));
    made.length = 0;
    const again = USUAL_FIELD_NAMES.map((name) => known.at(`${name}: x`, 0, name.length));
    expect(again).toEqual(USUAL_FIELD_NAMES.map((name) => name.toLowerCase()));
    // Two may meet in one place; nearly none do.
    expect(made.length).toBeLessThan(USUAL_FIELD_NAMES.length / 8);
  });

  it('is made once, and displaced by nothing', () => {
    let made = 0;
    const known = new KnownTexts([], (each) => {
      made++;
      return each.toUpperCase();
    });
    for (let turn = 0; turn < 3; turn++) expect(known.at('host: x', 0, 4)).toBe('HOST');
    expect(made).toBe(1);
    // The same first, middle and last letter, and as long.
    expect(known.at('hxst: x', 0, 4)).toBe('HXST');
    expect(known.at('host: x', 0, 4)).toBe('HOST');
    expect(made).toBe(2);
  });
});
