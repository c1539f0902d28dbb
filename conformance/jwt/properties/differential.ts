/**
 * Differential test against `jose`: what we accept, jose accepts with the same claims; what jose accepts and we refuse falls in a
 * named class of strictness. Tokens are made of well-formed and slightly wrong pieces, properly signed.
 */
import * as fc from 'fast-check';
import { errors, jwtVerify } from 'jose';
import { createSecretKey } from 'node:crypto';
import { createVerifier, exportSecret, type JwtErrorCode } from '@sealgate/jwt';
import { AUDIENCE, damage, ISSUER, NOW, secret, signRaw } from './generators.ts';

/** Where we are stricter, by the code of our refusal, and why. */
export const STRICTNESS: Readonly<Partial<Record<JwtErrorCode, string>>> = {
  base64url_invalid: 'white space, padding or unused bits inside a part',
  json_duplicate_member: 'a name given twice',
  json_invalid: 'lone surrogates, U+0000, numbers beyond a double, a member named __proto__, a byte order mark',
  json_too_complex: 'nesting or members beyond the limit',
  token_too_large: 'longer than the limit',
  header_invalid: 'kid, typ or cty of a wrong type, enc in a JWS',
  critical_unsupported: 'b64 without crit, b64 in a JWT',
  typ_mismatch: 'a typ that is not JWT, when no other was asked for',
  key_unknown: 'a kid that is not the key’s own',
  claim_missing: 'no exp',
  claim_malformed: 'a time out of bounds; a registered claim that is no string; an empty or mixed aud',
  token_issued_in_future: 'iat in the future',
};

const key = createSecretKey(exportSecret(secret));
const verifier = createVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: secret,
  algorithms: ['HS256'],
  now: () => NOW,
});

const headerText = fc.oneof(
  { weight: 6, arbitrary: fc.constant('{"alg":"HS256","kid":"h"}') },
  fc.constantFrom(
    '{"alg":"HS256"}',
    '{"alg":"HS256","typ":"JWT"}',
    '{"alg":"HS256","typ":"at+jwt"}',
    '{"alg":"HS256","kid":"other"}',
    '{"alg":"HS256","kid":1}',
    '{"alg":"HS256","kid":"h","typ":1}',
    '{"alg":"HS256","alg":"HS256"}',
    '{"alg":"none"}',
    '{"alg":"HS384"}',
    '{"alg":["HS256"]}',
    '{}',
    '[]',
    '{"alg":"HS256","crit":["b64"],"b64":true}',
    '{"alg":"HS256","crit":[]}',
    '{"alg":"HS256","crit":["exp"],"exp":1}',
    '{"alg":"HS256","b64":false}',
    '{"alg":"HS256","enc":"A128GCM"}',
    ' {"alg" : "HS256" } ',
    '{"alg":"HS256","jwk":{}}',
    '{"alg":"HS256","x":"\\ud800"}',
    '\uFEFF{"alg":"HS256"}',
  ),
);

const literal = (good: readonly string[], odd: readonly string[]): fc.Arbitrary<string | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...good) }, fc.constantFrom(...odd, undefined));

const time = [
  '"1800000060"',
  'null',
  '-1',
  '1e400',
  '1e308',
  '253402300800',
  '[]',
  'true',
  '0',
  '1800000000',
  '1.8e9',
  '1799999999',
];

const payloadText = fc
  .record({
    iss: literal([`"${ISSUER}"`], ['"other"', `["${ISSUER}"]`, 'null', '1']),
    aud: literal(
      [`"${AUDIENCE}"`, `["${AUDIENCE}","x"]`],
      ['"other"', '[]', 'null', `["${AUDIENCE}",1]`, `[["${AUDIENCE}"]]`, '{}'],
    ),
    exp: literal(['1800000060', '1800000060.5'], time),
    nbf: literal(['1799999000'], [...time, '1800000001']),
    iat: literal(['1799999999'], [...time, '1800000001', '1900000000']),
    sub: literal(['"alice"'], ['1', 'null', '""', '"\\u0000"', '"\\ud83d\\ude00"', '"\\udc00"']),
    jti: literal(['"j"'], ['1', '{}']),
    more: literal(
      ['1', '{"a":[1]}'],
      ['{"a":1,"a":2}', `${'['.repeat(40)}${']'.repeat(40)}`, '1e999', '"\\ud800"', '01', '"\t"'],
    ),
    extra: fc.constantFrom('', '', '', '', ',"sub":"root"', ',"__proto__":{}', ',', ',"constructor":1', ' ', ',"":1'),
  })
  .map(({ extra, ...members }) => {
    const entries = Object.entries(members).flatMap(([name, value]) =>
      value === undefined ? [] : [`"${name}":${value}`],
    );
    return `{${entries.join(',')}${extra}}`;
  });

const token = fc.tuple(headerText, payloadText).map(([header, payload]) => signRaw(header, payload, secret));
const anyToken = fc.oneof(
  { weight: 9, arbitrary: token },
  fc.tuple(token, damage).map(([text, harm]) => harm(text)),
);

/** Runs the comparison. Throws at the first difference without a name. Gives how often each class was met. */
export async function differential(numRuns: number): Promise<ReadonlyMap<string, number>> {
  const met = new Map<string, number>();
  const note = (name: string): void => void met.set(name, (met.get(name) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(anyToken, async (text) => {
      const ours = verifier.check(text);
      const theirs = await joseVerdict(text);
      if (ours.ok) {
        if (theirs === undefined) throw new Error('we accept what jose refuses');
        if (JSON.stringify(ours.claims) !== JSON.stringify(theirs)) throw new Error('we read other claims than jose');
        note('both accept');
      } else if (theirs === undefined) note('both refuse');
      else if (STRICTNESS[ours.error.code] === undefined)
        throw new Error(`stricter without a name: ${ours.error.message}`);
      else note(ours.error.code);
    }),
    { numRuns },
  );
  return met;
}

async function joseVerdict(text: string): Promise<object | undefined> {
  try {
    const { payload } = await jwtVerify(text, key, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['HS256'],
      currentDate: new Date(NOW * 1_000),
    });
    return payload;
  } catch (error) {
    // Whatever it throws is a refusal: among it also plain TypeErrors for strange input.
    if (error instanceof errors.JOSEError || error instanceof Error) return undefined;
    throw error;
  }
}
