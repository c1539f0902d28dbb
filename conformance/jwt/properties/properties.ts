/**
 * The properties of the token code, each as a function of the number of cases: the test suite runs them at 100,000, and
 * `properties-long.ts` at five million.
 */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import {
  createVerifier,
  decodeUnverified,
  generateKey,
  JwtError,
  signJwt,
  verifyJws,
  type Key,
  type KeyResolver,
  type Outcome,
} from '@sealgate/jwt';
import { decodeBase64Url, encodeBase64Url, parseJson, type JsonValue } from '@sealgate/jwt/parse';
import { AUDIENCE, damage, goodClaims, ISSUER, jsonValue, NOW, pairs, secret, signRaw } from './generators.ts';

const rules = { issuer: ISSUER, audience: AUDIENCE, now: () => NOW } as const;
const verifiers = new Map(
  pairs.map(({ alg, verify }) => [alg, createVerifier({ ...rules, keys: verify, algorithms: [alg] })]),
);
const verifier = createVerifier({ ...rules, keys: secret, algorithms: ['HS256'] });

function run(numRuns: number, property: fc.IRawProperty<unknown>): void {
  // Synchronous: these properties are, so there is no promise to wait for.
  void fc.assert(property, { numRuns });
}

/** What is signed comes back, the same, frozen; by each of the cheap algorithms in turn. */
export function signThenVerify(numRuns: number): void {
  let turn = 0;
  run(
    numRuns,
    fc.property(goodClaims, (claims) => {
      // The public-key algorithms on one case in fifty: the property is about form, which all share.
      const pair = pairs[turn++ % 50 === 0 ? Math.floor(turn / 50) % pairs.length : turn % 3]!;
      const token = signJwt(claims, { key: pair.sign });
      const outcome = verifiers.get(pair.alg)!.check(token);
      if (!outcome.ok) throw outcome.error;
      if (JSON.stringify(outcome.claims) !== JSON.stringify(claims)) throw new Error('the claims came back changed');
      if (!Object.isFrozen(outcome.claims)) throw new Error('the claims are not frozen');
    }),
  );
}

/** No damaged token passes: neither a bit nor a part out of place. */
export function damageIsRefused(numRuns: number): void {
  const tokens = Array.from({ length: 64 }, (_, index) =>
    signJwt({ iss: ISSUER, aud: AUDIENCE, sub: 's'.repeat(index + 1), exp: NOW + 1 }, { key: secret }),
  );
  run(
    numRuns,
    fc.property(fc.constantFrom(...tokens), damage, (token, harm) => {
      const harmed = harm(token);
      if (harmed !== token && verifier.check(harmed).ok) throw new Error('a damaged token was accepted');
    }),
  );
}

/** The parser accepts exactly one text for the bytes of a token: re-encoding what it read gives the token back. */
export function oneSpelling(numRuns: number): void {
  const alphabet = [
    ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split(''),
    '=',
    '+',
    '/',
    ' ',
    '.',
    '\n',
    'é',
  ];
  run(
    numRuns,
    fc.property(
      fc.oneof(
        fc.array(fc.constantFrom(...alphabet), { maxLength: 12 }).map((characters) => characters.join('')),
        fc.string({ maxLength: 8 }),
      ),
      (text) => {
        const bytes = decodeBase64Url(text);
        if (
          bytes !== undefined &&
          (encodeBase64Url(bytes) !== text || Buffer.from(bytes).toString('base64url') !== text)
        )
          throw new Error('two spellings');
        // And nothing that is canonical is refused.
        if (bytes === undefined && Buffer.from(text, 'base64url').toString('base64url') === text)
          throw new Error('a canonical text was refused');
      },
    ),
  );
}

/** Strict JSON accepts what `JSON.parse` does, with the same value, or refuses with a typed error; repeated names never pass. */
export function strictJson(numRuns: number): void {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '"\\u0061"',
    '1',
    '-0',
    '1e5',
    '1e400',
    'null',
    'true',
    ' ',
    '""',
    '"\\ud800"',
    '"\u00e9"',
    '01',
    '.5',
    '-1.25e-7',
    '12345678901234567890',
    '"\\ud83d\\ude00\\n"',
    '"\u{1F600}"',
    '"a name that is longer than those which the reader remembers"',
    '"__proto__"',
  );
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.array(piece, { maxLength: 6 }).map((parts) => `[${parts.join(',')}]`),
    fc
      .array(fc.tuple(piece, piece), { maxLength: 4 })
      .map((parts) => `{${parts.map((pair) => pair.join(':')).join(',')}}`),
    jsonValue.map((value) => JSON.stringify(value)),
    fc
      .tuple(jsonValue, jsonValue)
      .map(([first, second]) => `{"a":${JSON.stringify(first)},"b":1,"a":${JSON.stringify(second)}}`),
  );
  run(
    numRuns,
    fc.property(texts, (text) => {
      let strict: JsonValue | undefined;
      try {
        strict = parseJson(Buffer.from(text), 'payload');
      } catch (error) {
        if (!(error instanceof JwtError)) throw error;
        if (error.code === 'json_invalid' && !NARROWER_THAN_JSON.has(error.reason ?? '') && isJson(text))
          throw new Error(`refused for no reason: ${error.message}`, { cause: error });
        return;
      }
      // Strict equality of all depths, which tells -0 from 0.
      if (!isDeepStrictEqual(strict, JSON.parse(text))) throw new Error('another value');
      if (text.startsWith('{"a":') && text.includes(',"b":1,"a":')) throw new Error('a repeated name passed');
    }),
  );
}

/** Why a text that is JSON may still be refused as `json_invalid`. */
const NARROWER_THAN_JSON: ReadonlySet<string> = new Set([
  'U+0000',
  'lone surrogate',
  'number out of range',
  'a member is named __proto__',
]);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Random bytes and texts never make the parser do anything but refuse with a typed error. */
export function junkIsRefusedCleanly(numRuns: number): void {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    fc.string({ maxLength: 8 }),
    fc.constant('eyJhbGciOiJIUzI1NiIsImtpZCI6ImgifQ'),
  );
  run(
    numRuns,
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const text = parts.join('.');
      if (verifier.check(text).ok) throw new Error('junk was accepted');
      try {
        decodeUnverified(text);
      } catch (error) {
        if (!(error instanceof JwtError)) throw error;
      }
      try {
        verifyJws(text, secret);
        throw new Error('junk was accepted');
      } catch (error) {
        if (!(error instanceof JwtError)) throw error;
      }
    }),
  );
}

type Step =
  | { readonly kind: 'check'; readonly token: number }
  | { readonly kind: 'clock'; readonly by: number }
  | { readonly kind: 'remove' | 'restore'; readonly key: number }
  | { readonly kind: 'clear' | 'sweep' | 'swap' };

/** A verifier with a cache and one without give the same verdict, whatever happened to clock and keys in between. */
export function cachedEqualsUncached(numRuns: number): void {
  const keys = [0, 1].map((index) => ({ key: pairs[index]!.sign, alg: pairs[index]!.alg }));
  // Under the name of the first: its tokens are forged until it takes that one's place.
  const [{ key: first, alg }] = keys as [(typeof keys)[0]];
  const successor = { key: generateKey(alg, { kid: first.kid! }), alg };
  const wellFormed = [...keys, successor].flatMap(({ key }) =>
    [0, 5, 10, 20].flatMap((start) =>
      [3, 12].map((life) =>
        signJwt({ iss: ISSUER, aud: AUDIENCE, iat: NOW + start, nbf: NOW + start, exp: NOW + start + life }, { key }),
      ),
    ),
  );
  const tokens = [...wellFormed, `${wellFormed[0]}=`, wellFormed[1]!.replaceAll('.', '')];
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('check' as const), token: fc.nat({ max: tokens.length - 1 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('clock' as const), by: fc.double({ min: -6, max: 6, noNaN: true }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'restore' as const), key: fc.nat({ max: 1 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('clear' as const, 'sweep' as const, 'swap' as const) }) },
  );
  // One property run compares some eighteen verdicts.
  run(
    Math.ceil(numRuns / 18),
    fc.property(
      fc.array(step, { minLength: 10, maxLength: 10 }),
      fc.constantFrom(0, 2),
      fc.constantFrom(undefined, 4),
      // The first is too small for all of the tokens; the second has room for those with a wrong signature too.
      fc.constantFrom(9_000, 80_000),
      (steps, clockSkewSeconds, maxAge, maxBytes) => {
        let now = NOW + 2;
        const present = new Set<Key>(keys.map(({ key }) => key));
        const resolver: KeyResolver = {
          find: (kid) => [...present].find((key) => key.kid === kid),
          isCurrent: (key) => present.has(key),
        };
        const options = {
          issuer: ISSUER,
          audience: AUDIENCE,
          keys: resolver,
          algorithms: keys.map(({ alg }) => alg),
          clockSkewSeconds,
          ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
          now: () => now,
        };
        const cached = createVerifier({ ...options, cache: { maxBytes } });
        const uncached = createVerifier(options);
        for (const action of steps) {
          if (action.kind === 'clock') now += action.by;
          else if (action.kind === 'remove') present.delete(keys[action.key]!.key);
          else if (action.kind === 'restore') {
            present.add(keys[action.key]!.key);
            if (action.key === 0) present.delete(successor.key);
          } else if (action.kind === 'swap') {
            const [gone, comes] = present.has(successor.key) ? [successor.key, first] : [first, successor.key];
            present.delete(gone);
            present.add(comes);
          } else if (action.kind === 'clear') cached.cache.clear();
          else if (action.kind === 'sweep') cached.cache.sweep();
          else if (action.kind === 'check') {
            // The second time it may be kept, the third time served.
            for (let time = 0; time < 3; time++) {
              const [left, right] = [cached, uncached].map((one) =>
                summary(one.check(tokens[action.token]!) as Outcome),
              );
              if (left !== right) throw new Error(`cached ${left}, uncached ${right}`);
            }
          }
        }
      },
    ),
  );
}

function summary(outcome: Outcome): string {
  return outcome.ok
    ? JSON.stringify([outcome.claims, outcome.kid, outcome.issuer, outcome.expiresAtSeconds])
    : `${outcome.error.code}: ${outcome.error.message}`;
}

/** A name repeated anywhere in a signed token is refused, however it is spelled. */
export function repeatedNamesAreRefused(numRuns: number): void {
  run(
    numRuns,
    fc.property(
      goodClaims,
      fc.constantFrom('sub', 'exp', 'more'),
      jsonValue,
      fc.nat({ max: 3 }),
      (claims, name, value, escaped) => {
        const spelled = name
          .split('')
          .map((character, index) =>
            index === escaped ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character,
          )
          .join('');
        const payload = `${JSON.stringify(claims).slice(0, -1)},"${spelled}":${JSON.stringify(value)}}`;
        const outcome = verifier.check(signRaw('{"alg":"HS256","kid":"h"}', payload, secret));
        if (outcome.ok || outcome.error.code !== 'json_duplicate_member') throw new Error('a repeated name passed');
      },
    ),
  );
}

export const PROPERTIES: Readonly<Record<string, (numRuns: number) => void>> = {
  'sign then verify is the identity': signThenVerify,
  'damage is refused': damageIsRefused,
  'one byte string has one spelling': oneSpelling,
  'strict JSON reads what JSON reads, or refuses': strictJson,
  'junk is refused cleanly': junkIsRefusedCleanly,
  'repeated names are refused': repeatedNamesAreRefused,
  'cached and uncached verdicts are equal': cachedEqualsUncached,
};
