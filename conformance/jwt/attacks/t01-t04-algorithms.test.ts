/** ATTACKS.md T1 to T4: the algorithm is the verifier's choice, never the token's. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createVerifier,
  exportJwk,
  exportPublicDer,
  exportPublicPem,
  generateKey,
  importKey,
  parseJwks,
  publicKey,
  verifyJws,
  type Algorithm,
} from '@sealgate/jwt';
import {
  AUDIENCE,
  check,
  claims,
  encode,
  forge,
  header,
  ISSUER,
  signingKey,
  verificationKey,
  verdict,
  verifierFor,
} from './forge.ts';

describe('T1: alg none and its spellings', () => {
  const payload = encode(JSON.stringify(claims));
  it.each(['none', 'None', 'nOnE', 'NONE', 'es256', 'Es256', 'ES256 ', '', 'null', 'ES256\u0000'])(
    'alg %j is refused',
    (alg) => {
      const part = encode(JSON.stringify({ ...header, alg }));
      expect(check(`${part}.${payload}.AAAA`)).toMatch(/algorithm_not_allowed|json_invalid/u);
      expect(check(`${part}.${payload}.`)).toBe('token_malformed');
    },
  );

  it.each([
    ['missing', { kid: 'k1' }],
    ['null', { alg: null }],
    ['an array', { alg: ['ES256'] }],
    ['a number', { alg: 256 }],
    ['an object', { alg: { toString: 'ES256' } }],
  ])('alg %s is refused', (_name, bad) => {
    expect(check(forge(bad, claims))).toBe('header_invalid');
  });

  it('a valid token with its signature cut off is refused', () => {
    const token = forge(header, claims);
    expect(check(token)).toBe('accepted');
    expect(check(token.slice(0, token.lastIndexOf('.')))).toBe('token_malformed');
    expect(check(token.slice(0, token.lastIndexOf('.') + 1))).toBe('token_malformed');
  });

  it('no algorithm of that name can be configured or imported', () => {
    const none = 'none' as Algorithm;
    expect(() =>
      createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: verificationKey, algorithms: [none] }),
    ).toThrow(TypeError);
    expect(() => importKey(exportJwk(verificationKey), { alg: none })).toThrow(TypeError);
  });
});

describe('T2: a verifier without key or algorithm cannot be made', () => {
  const rules = { issuer: ISSUER, audience: AUDIENCE, keys: verificationKey, algorithms: ['ES256'] as Algorithm[] };
  it.each([
    ['no keys', { ...rules, keys: undefined }],
    ['an empty list of keys', { ...rules, keys: [] }],
    ['a string for a key', { ...rules, keys: 'secret' }],
    ['an object that only looks like a key', { ...rules, keys: { alg: 'ES256', type: 'public', kid: undefined } }],
    ['no algorithms', { ...rules, algorithms: undefined }],
    ['an empty list of algorithms', { ...rules, algorithms: [] }],
    ['algorithms that no key has', { ...rules, algorithms: ['RS256'] }],
    ['no issuer', { ...rules, issuer: undefined }],
    ['an empty issuer', { ...rules, issuer: '' }],
    ['no audience', { ...rules, audience: undefined }],
    ['an empty list of audiences', { ...rules, audience: [] }],
    ['an option with a typing error', { ...rules, audiences: ['x'] }],
  ])('%s', (_name, options) => {
    expect(() => createVerifier(options as unknown as typeof rules)).toThrow(TypeError);
  });

  it('verifyJws without a key throws', () => {
    expect(() => verifyJws(forge(header, claims), [])).toThrow(TypeError);
  });
});

describe('T3: a public key as an HMAC secret', () => {
  const rsa = generateKey('RS256', { kid: 'k1' });
  const forms: readonly [string, Uint8Array][] = [rsa, signingKey].flatMap((key): [string, Uint8Array][] => [
    [`${key.alg} PEM`, Buffer.from(exportPublicPem(key))],
    [`${key.alg} PEM without its last line break`, Buffer.from(exportPublicPem(key).trimEnd())],
    [`${key.alg} PEM behind junk`, Buffer.from(`\uFEFF # key\n ${exportPublicPem(key)}`)],
    [`${key.alg} DER`, exportPublicDer(key)],
    [`${key.alg} JWK text`, Buffer.from(JSON.stringify(exportJwk(key)))],
  ]);

  it.each(forms)('%s is no secret', (_name, bytes) => {
    expect(() => importKey(bytes, { alg: 'HS256' })).toThrow(expect.objectContaining({ code: 'key_confusion' }));
  });

  it('text is never a secret, whatever it holds', () => {
    expect(() => importKey(exportPublicPem(rsa), { alg: 'HS256' })).toThrow(
      expect.objectContaining({ code: 'key_confusion' }),
    );
    expect(() => importKey('x'.repeat(64), { alg: 'HS256' })).toThrow(
      expect.objectContaining({ code: 'key_malformed' }),
    );
  });

  it('a JWK of another type is no secret', () => {
    expect(() => importKey(exportJwk(rsa), { alg: 'HS256' })).toThrow(
      expect.objectContaining({ code: 'key_algorithm_mismatch' }),
    );
  });

  it.each(forms)('a token keyed by the %s is refused by the verifier of that key', (_name, bytes) => {
    const input = `${encode(JSON.stringify({ alg: 'HS256', kid: 'k1' }))}.${encode(JSON.stringify(claims))}`;
    const token = `${input}.${createHmac('sha256', bytes).update(input).digest('base64url')}`;
    expect(verdict(verifierFor(publicKey(rsa), ['RS256', 'HS256']).check(token))).toBe('key_unknown');
    expect(check(token)).toBe('algorithm_not_allowed');
  });
});

describe('T4: a JWK without alg takes none from the token', () => {
  const rsa = generateKey('RS256', { kid: 'k1' });
  const { alg: _, ...jwk } = exportJwk(rsa);

  it('several fitting algorithms: the key is refused, and says what to do', () => {
    const [rejected] = parseJwks({ keys: [jwk] }).rejected;
    expect(rejected?.error).toMatchObject({ code: 'key_unsupported', member: 'alg' });
    expect(parseJwks({ keys: [jwk] }, { algorithms: ['RS256', 'PS256'] }).keys).toEqual([]);
  });

  it('one algorithm configured: the key has that one, and a token with another is refused', () => {
    const [key] = parseJwks({ keys: [jwk] }, { algorithms: ['RS256'] }).keys;
    expect(key?.alg).toBe('RS256');
    const ps = importKey({ ...(exportJwk(rsa) as object), alg: 'PS256' }, { alg: 'PS256' });
    expect(ps.alg).toBe('PS256');
    const token = forge({ alg: 'PS256', kid: 'k1' }, claims, rsa);
    expect(verdict(verifierFor(key!, ['RS256', 'PS256']).check(token))).toBe('key_unknown');
  });

  it('a key that names one algorithm is not imported under another', () => {
    expect(() => importKey(exportJwk(rsa), { alg: 'PS256' })).toThrow(
      expect.objectContaining({ code: 'key_algorithm_mismatch' }),
    );
    expect(
      verdict(verifierFor(publicKey(rsa), ['RS256', 'RS512']).check(forge({ alg: 'RS512', kid: 'k1' }, claims, rsa))),
    ).toBe('key_unknown');
  });
});
