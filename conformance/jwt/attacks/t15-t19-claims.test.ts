/** ATTACKS.md T15, T16, T18 and T19: the wrong kind of token, time, audience and issuer. */
import { describe, expect, it } from 'vitest';
import {
  accessTokenProfile,
  clientAssertionProfile,
  createVerifier,
  exportJwk,
  generateKey,
  idTokenProfile,
  logoutTokenProfile,
  publicKey,
  signJwt,
  verifyDpopProof,
  type JwtErrorCode,
  type Outcome,
  type VerifierOptions,
  type Key,
} from '@sealgate/jwt';
import { AUDIENCE, check, claims, forge, header, ISSUER, NOW, signingKey, verdict, verificationKey } from './forge.ts';

const rules = { issuer: ISSUER, keys: verificationKey, algorithms: ['ES256'] as const };
const LOGOUT = { 'http://schemas.openid.net/event/backchannel-logout': {} };

/** One honest token of each kind, all by the same key and, where the kind allows, with everything the other kinds ask for. */
const everything = {
  ...claims,
  jti: 'j1',
  client_id: AUDIENCE,
  azp: AUDIENCE,
  sid: 's1',
  htm: 'GET',
  htu: 'https://api.example/',
  scope: 'a',
};
const tokens = {
  'access token': signJwt(everything, { key: signingKey, typ: 'at+jwt' }),
  'ID token': signJwt(everything, { key: signingKey, typ: 'JWT' }),
  'logout token': signJwt({ ...everything, events: LOGOUT }, { key: signingKey, typ: 'logout+jwt' }),
  'DPoP proof': signJwt(everything, {
    key: signingKey,
    typ: 'dpop+jwt',
    header: { jwk: { ...(exportJwk(signingKey) as object) } },
  }),
  'client assertion': signJwt({ ...everything, iss: 'client', sub: 'client' }, { key: signingKey }),
};

const now = (): number => NOW;
const checkers: Readonly<Record<keyof typeof tokens, (token: string) => JwtErrorCode | 'accepted'>> = {
  'access token': (token) =>
    verdict(createVerifier({ ...accessTokenProfile({ ...rules, audience: AUDIENCE }), now }).check(token)),
  'ID token': (token) =>
    verdict(createVerifier({ ...idTokenProfile({ ...rules, clientId: AUDIENCE }), now }).check(token)),
  'logout token': (token) =>
    verdict(createVerifier({ ...logoutTokenProfile({ ...rules, audience: AUDIENCE }), now }).check(token)),
  'DPoP proof': (token) => {
    try {
      verifyDpopProof(token, { algorithms: ['ES256'], method: 'GET', url: 'https://api.example/', now });
      return 'accepted';
    } catch (error) {
      return (error as { code: JwtErrorCode }).code;
    }
  },
  'client assertion': (token) =>
    verdict(
      createVerifier({ ...clientAssertionProfile({ ...rules, clientId: 'client', audience: AUDIENCE }), now }).check(
        token,
      ),
    ),
};

describe('T15: one kind of token in the place of another', () => {
  const kinds = Object.keys(tokens) as (keyof typeof tokens)[];
  const pairs = kinds.flatMap((kind) => kinds.map((place) => [kind, place] as const));

  it.each(pairs)('%s where a %s belongs', (kind, place) => {
    const answer = checkers[place](tokens[kind]);
    if (kind === place) expect(answer).toBe('accepted');
    else expect(answer).toMatch(/typ_mismatch|issuer_unknown/u);
  });

  it('a refresh token, or any text without dots, is no token of any kind', () => {
    for (const place of kinds) expect(checkers[place]('sgr_8Zr3kq')).toBe('token_malformed');
  });

  it('a logout token under the plain type is told from an ID token by its event', () => {
    expect(checkers['ID token'](signJwt({ ...everything, events: LOGOUT }, { key: signingKey }))).toBe('typ_mismatch');
  });

  it.each(['AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])('typ compares as a media type: %s', (typ) => {
    expect(checkers['access token'](signJwt(everything, { key: signingKey, typ }))).toBe('accepted');
  });

  it.each(['at+jwt+x', 'text/at+jwt', 'at', 'jwt'])('%s is not at+jwt', (typ) => {
    expect(checkers['access token'](signJwt(everything, { key: signingKey, typ }))).toBe('typ_mismatch');
  });
});

describe('T16: time', () => {
  const text = (name: string, literal: string): string =>
    JSON.stringify({ ...claims, [name]: '@' }).replace('"@"', literal);

  it.each(['exp', 'nbf', 'iat'])('%s of a wrong type or out of bounds is refused, never taken for absent', (name) => {
    for (const literal of [
      '"1800000060"',
      'null',
      '[1800000060]',
      '{}',
      'true',
      'false',
      '-1',
      '-0.5',
      '1e308',
      '253402300800',
      '""',
    ]) {
      expect([literal, check(forge(header, text(name, literal)))]).toEqual([literal, 'claim_malformed']);
    }
    expect(check(forge(header, text(name, '1e400')))).toBe('json_invalid');
  });

  it('exp is required, and the second it names is too late', () => {
    const { exp: _, ...without } = claims;
    expect(check(forge(header, without))).toBe('claim_missing');
    expect(check(forge(header, { ...claims, exp: NOW }))).toBe('token_expired');
    expect(check(forge(header, { ...claims, exp: NOW + 0.001 }))).toBe('accepted');
  });

  it('nbf and iat in the future', () => {
    expect(check(forge(header, { ...claims, nbf: NOW + 1 }))).toBe('token_not_yet_valid');
    expect(check(forge(header, { ...claims, nbf: NOW }))).toBe('accepted');
    expect(check(forge(header, { ...claims, iat: NOW + 1 }))).toBe('token_issued_in_future');
  });

  const at = (clock: number, more: object = {}, changed: object = {}): string =>
    verdict(
      createVerifier({ ...rules, audience: AUDIENCE, now: () => clock, ...more }).check(
        forge(header, { ...claims, ...changed }),
      ),
    );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1e300, undefined as unknown as number])(
    'a clock of %s admits nothing',
    (clock) => {
      expect(at(clock)).toBe('clock_invalid');
    },
  );

  it('skew widens each bound by itself and no more', () => {
    expect(at(claims.exp + 4, { clockSkewSeconds: 5 })).toBe('accepted');
    expect(at(claims.exp + 5, { clockSkewSeconds: 5 })).toBe('token_expired');
    expect(at(NOW - 5, { clockSkewSeconds: 5 })).toBe('accepted');
    expect(at(NOW - 6, { clockSkewSeconds: 5 })).toBe('token_issued_in_future');
  });

  it.each([-1, 301, Number.NaN, '5'])('a skew of %s cannot be configured', (clockSkewSeconds) => {
    expect(() => at(NOW, { clockSkewSeconds })).toThrow(TypeError);
  });

  it('maxAgeSeconds needs iat, and ends the token before exp', () => {
    expect(at(NOW + 29, { maxAgeSeconds: 30 })).toBe('accepted');
    expect(at(NOW + 30, { maxAgeSeconds: 30 })).toBe('token_too_old');
    expect(at(NOW, { maxAgeSeconds: 30 }, { iat: undefined })).toBe('claim_missing');
  });
});

describe('T18: audience and issuer', () => {
  it.each([
    ['missing', undefined, 'claim_missing'],
    ['null', null, 'claim_malformed'],
    ['empty', '', 'audience_mismatch'],
    ['an empty list', [], 'claim_malformed'],
    ['a longer one', `${AUDIENCE}.evil`, 'audience_mismatch'],
    ['a prefix', AUDIENCE.slice(0, -1), 'audience_mismatch'],
    ['other case', AUDIENCE.toUpperCase(), 'audience_mismatch'],
    ['a list that only contains it in part', [`x ${AUDIENCE}`], 'audience_mismatch'],
    ['nested', [[AUDIENCE]], 'claim_malformed'],
    ['mixed types', [AUDIENCE, 1], 'claim_malformed'],
    ['an object', { 0: AUDIENCE, length: 1 }, 'claim_malformed'],
    ['a list with it', ['other', AUDIENCE], 'accepted'],
  ])('aud: %s', (_name, aud, code) => {
    expect(check(forge(header, { ...claims, aud }))).toBe(code);
  });

  it.each([
    ['missing', undefined, 'claim_missing'],
    ['an array', [ISSUER], 'claim_malformed'],
    ['an object', { toString: ISSUER }, 'claim_malformed'],
    ['a prefix', ISSUER.slice(0, -1), 'issuer_unknown'],
    ['with a final slash', `${ISSUER}/`, 'issuer_unknown'],
    ['other case', ISSUER.toUpperCase(), 'issuer_unknown'],
    ['__proto__', '__proto__', 'issuer_unknown'],
  ])('iss: %s', (_name, iss, code) => {
    expect(check(forge(header, { ...claims, iss }))).toBe(code);
  });

  it('the key of one issuer signs nothing for another, even under the same key id', () => {
    const mine = generateKey('ES256', { kid: 'k1' });
    const theirs = generateKey('ES256', { kid: 'k1' });
    const both = createVerifier({
      issuers: [
        { issuer: 'https://a.example', audience: AUDIENCE, keys: publicKey(mine), algorithms: ['ES256'] },
        { issuer: 'https://b.example', audience: AUDIENCE, keys: publicKey(theirs), algorithms: ['ES256'] },
      ],
      now,
      cache: true,
    });
    const token = (iss: string, key: Key): Outcome => both.check(forge(header, { ...claims, iss }, key));
    for (let round = 0; round < 4; round++) {
      expect(verdict(token('https://a.example', mine))).toBe('accepted');
      expect(verdict(token('https://b.example', theirs))).toBe('accepted');
      expect(verdict(token('https://a.example', theirs))).toBe('signature_invalid');
      expect(verdict(token('https://b.example', mine))).toBe('signature_invalid');
    }
  });

  it('each issuer has its own algorithms', () => {
    const rsa = generateKey('RS256', { kid: 'r' });
    const both = createVerifier({
      issuers: [
        { issuer: 'https://a.example', audience: AUDIENCE, keys: verificationKey, algorithms: ['ES256'] },
        { issuer: 'https://b.example', audience: AUDIENCE, keys: publicKey(rsa), algorithms: ['RS256'] },
      ],
      now,
    });
    expect(verdict(both.check(forge({ alg: 'RS256', kid: 'r' }, { ...claims, iss: 'https://a.example' }, rsa)))).toBe(
      'algorithm_not_allowed',
    );
    expect(verdict(both.check(forge({ alg: 'RS256', kid: 'r' }, { ...claims, iss: 'https://b.example' }, rsa)))).toBe(
      'accepted',
    );
  });

  it.each(['sub', 'jti', 'client_id', 'sid', 'scope'])('%s of another type than a string is refused', (name) => {
    for (const value of [1, null, [], {}, true])
      expect(check(forge(header, { ...claims, [name]: value }))).toBe('claim_malformed');
  });
});

describe('T19: no patterns', () => {
  it.each(['issuer', 'audience', 'typ'])('%s takes no regular expression', (name) => {
    const options = { ...rules, audience: AUDIENCE, [name]: /.*/u } as unknown as VerifierOptions<Key>;
    expect(() => createVerifier(options)).toThrow(TypeError);
  });

  it('characters of patterns have no meaning', () => {
    const any = createVerifier({ ...rules, issuer: 'https://.*', audience: '*', now });
    expect(verdict(any.check(forge(header, { ...claims, aud: 'x' })))).toBe('issuer_unknown');
  });
});
