import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isFieldName, isFieldValue, tokenEnd } from './field-syntax.ts';

/** `token` of RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/u;
/** `field-value` of RFC 9110 section 5.5, and white space at its ends, which whoever parses took off. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/u;

it('names and values are what the grammar says, character by character', () => {
  for (let code = 0; code < 0x200; code++) {
    const character = String.fromCharCode(code);
    for (const text of [character, `a${character}`, `${character}a`]) {
      expect(isFieldName(text), JSON.stringify(text)).toBe(TOKEN.test(text));
      expect(isFieldValue(text), JSON.stringify(text)).toBe(VALUE.test(text));
    }
  }
  expect(isFieldName('')).toBe(false);
  expect(isFieldValue('')).toBe(true);
});

it('any text is judged as the grammar judges it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(isFieldName(text)).toBe(TOKEN.test(text));
      expect(isFieldValue(text)).toBe(VALUE.test(text));
      const end = tokenEnd(text, 0, text.length);
      expect(end === 0 || TOKEN.test(text.slice(0, end))).toBe(true);
      expect(end === text.length || !TOKEN.test(text.charAt(end))).toBe(true);
    }),
  );
});
