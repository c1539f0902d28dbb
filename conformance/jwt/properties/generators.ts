/** Random claims, keys, tokens and damage, for the property tests. */
import * as fc from 'fast-check';
import { generateKey, publicKey, type Algorithm, type Key } from '@sealgate/jwt';
import { createSignature } from '../../../packages/jwt/src/jws/signature.ts';

export const NOW = 1_800_000_000;
export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'https://api.example';

/** HS256 is the cheapest to make and check: the form of a token does not depend on its algorithm. */
export const secret: Key = generateKey('HS256', { kid: 'h' });

/** One pair of each algorithm whose signatures cost little enough to make by the thousand. */
export const pairs: readonly { readonly alg: Algorithm; readonly sign: Key; readonly verify: Key }[] = (
  ['HS256', 'HS384', 'HS512', 'ES256', 'Ed25519', 'EdDSA'] as const
).map((alg) => {
  const sign = generateKey(alg, { kid: `k-${alg}` });
  return { alg, sign, verify: sign.type === 'secret' ? sign : publicKey(sign) };
});

const memberName = fc.oneof(
  fc.constantFrom('a', 'b', 'sub', 'x', '', 'constructor', 'ключ', '😀', 'a"b', 'a\\b'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);

/** Any JSON value that a token may hold. */
export const jsonValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\u0000')),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      memberName.filter((name) => name !== '__proto__' && !name.includes('\u0000')),
      tie('value'),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
})).value;

/** Claims that pass every rule, with some more of any shape. */
export const goodClaims: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    sub: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }).filter((text) => !text.includes('\u0000')),
    exp: fc.integer({ min: NOW + 1, max: NOW + 10_000 }),
    iat: fc.integer({ min: NOW - 10_000, max: NOW }),
    more: jsonValue,
    other: jsonValue,
  })
  .map((claims) => Object.assign({ iss: ISSUER, aud: AUDIENCE }, claims));

export function signRaw(header: string, payload: string | Uint8Array, key: Key): string {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  return `${input}.${createSignature(key, Buffer.from(input)).toString('base64url')}`;
}

/** Some damage to a text that leaves it another text: a bit, a character, a cut, a repetition, an exchange of parts. */
export const damage: fc.Arbitrary<(token: string) => string> = fc
  .record({
    kind: fc.nat({ max: 7 }),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bit: fc.nat({ max: 6 }),
    insert: fc.constantFrom('A', '=', ' ', '.', '\n', '+', '\u0000', 'é', 'Ł'),
  })
  .map(({ kind, at, bit, insert }) => (token: string): string => {
    const index = Math.floor(at * token.length);
    const [head = '', body = '', signature = ''] = token.split('.');
    switch (kind) {
      case 0:
      case 1:
        return (
          token.slice(0, index) + String.fromCharCode(token.charCodeAt(index) ^ (1 << bit)) + token.slice(index + 1)
        );
      case 2:
        return token.slice(0, index) + insert + token.slice(index);
      case 3:
        return token.slice(0, index) + token.slice(index + 1);
      case 4:
        return `${head}.${signature}.${body}`;
      case 5:
        return token.slice(0, index);
      case 6:
        return token + insert;
      default:
        return `${body}.${head}.${signature}`;
    }
  });
