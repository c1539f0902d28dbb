/** Form bodies as OAuth uses them (RFC 6749 section 3.2 and appendix B). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormError, parseForm } from './form.ts';

const parse = (text: string) => Object.fromEntries(parseForm(Buffer.from(text, 'latin1')));

describe('a form', () => {
  it('is what URLSearchParams makes of names and values that are not empty', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 20 }), (pairs) => {
        const body = Buffer.from(new URLSearchParams(pairs).toString());
        expect([...parseForm(body)]).toEqual(pairs);
      }),
    );
  });

  it('is parsed or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseForm(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(FormError);
        }
      }),
    );
  });

  it.each([
    ['', {}],
    ['a=b', { a: 'b' }],
    ['a=b&&c=d&', { a: 'b', c: 'd' }],
    ['a=b=c', { a: 'b=c' }],
    ['a+b=c+d', { 'a b': 'c d' }],
    ['a=%C3%A4', { a: 'ä' }],
    ['a&b=', {}],
  ])('%j is %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['a=1&a=2', 'parameter_repeated'],
    ['a=&a=', 'parameter_repeated'],
    ['a=1&%61=2', 'parameter_repeated'],
    ['a=%', 'encoding_invalid'],
    ['a=%zz', 'encoding_invalid'],
    ['a=%ff', 'encoding_invalid'],
    ['a=%c0%af', 'encoding_invalid'],
    ['a=\xff', 'encoding_invalid'],
    [Array.from({ length: 65 }, (_unused, n) => `p${n}=`).join('&'), 'too_many_parameters'],
  ])('%j is refused', (text, fault) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ fault }));
  });
});
