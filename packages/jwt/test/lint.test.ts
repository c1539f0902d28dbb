/** Lint: each rule fires on what it is for, and a good token and a good key have nothing against them. */
import { describe, expect, it } from 'vitest';
import {
  generateKey,
  importKey,
  exportJwk,
  exportPrivateJwk,
  lintKey,
  lintToken,
  publicKey,
  signJwt,
} from '@sealgate/jwt';
import { guessableBits } from '@sealgate/jwt/lint';

const key = generateKey('ES256');
const good = { iss: 'https://i.example', aud: 'a', sub: 's', jti: 'j', iat: 1_800_000_000, exp: 1_800_000_600 };
const rulesOf = (claims: object, options: object = {}): string[] =>
  lintToken(signJwt({ ...claims }, { key, typ: 'at+jwt', ...options })).map(
    ({ rule, severity }) => `${severity} ${rule}`,
  );

describe('lintToken', () => {
  it('has nothing against a good token', () => {
    expect(rulesOf(good)).toEqual([]);
  });

  it.each<[string, object]>([
    ['error life-unbounded', { exp: undefined }],
    ['error life-long', { exp: good.iat + 86_401 }],
    ['warning life-long', { exp: good.iat + 3_601 }],
    ['info iat-missing', { iat: undefined }],
    ['warning aud-missing', { aud: undefined }],
    ['warning iss-missing', { iss: undefined }],
    ['info sub-missing', { sub: undefined }],
    ['info jti-missing', { jti: undefined }],
    ['warning personal-data', { email: 'a@b.example' }],
    ['warning personal-data', { Phone_Number: '1' }],
    ['error credential', { password: 'x' }],
    ['warning shadows-registered', { expires_at: 1 }],
    ['warning shadows-registered', { Exp: 1 }],
    ['warning shadows-registered', { issuer: 'x' }],
    ['warning size', { pad: 'x'.repeat(4_000) }],
    ['error size', { pad: 'x'.repeat(8_000) }],
  ])('%s', (finding, change) => {
    expect(rulesOf({ ...good, ...change })).toContain(finding);
  });

  it('judges header and algorithm', () => {
    const withoutKid = importKey({ ...exportPrivateJwk(key), kid: undefined }, { alg: 'ES256' });
    expect(rulesOf(good, { key: withoutKid })).toEqual(['info kid-missing']);
    expect(rulesOf(good, { key: generateKey('HS256') })).toEqual(['warning alg-symmetric']);
    expect(rulesOf(good, { key: generateKey('EdDSA') })).toEqual(['info alg-polymorphic']);
    expect(rulesOf(good, { header: { jku: 'https://x.example' } })).toEqual(['warning embedded-key']);
  });

  it('explains what does not parse, and what is not signed', () => {
    expect(lintToken('x')[0]).toMatchObject({ rule: 'malformed', severity: 'error' });
    const encode = (text: string): string => Buffer.from(text).toString('base64url');
    expect(
      lintToken(`${encode('{"alg":"none"}')}.${encode('{"exp":1800000000000}')}.AAAA`).map(({ rule }) => rule),
    ).toEqual(expect.arrayContaining(['alg-none', 'time-unit']));
    expect(lintToken(`${encode('{"alg":"X"}')}.e30.AAAA`).map(({ rule }) => rule)).toContain('alg-unknown');
  });

  it('a time in milliseconds is named as such', () => {
    const encode = (text: string): string => Buffer.from(text).toString('base64url');
    expect(
      lintToken(`${encode('{"alg":"ES256"}')}.${encode('{"exp":1800000000000}')}.AAAA`).map(({ rule }) => rule),
    ).toContain('time-unit');
  });

  it('findings never quote a value', () => {
    const text = JSON.stringify(
      lintToken(signJwt({ ...good, email: 'CANARY@b.example', password: 'CANARY' }, { key })),
    );
    expect(text).not.toContain('CANARY');
  });
});

describe('lintKey', () => {
  const rules = (value: Parameters<typeof lintKey>[0]): string[] =>
    lintKey(value).map(({ rule, severity }) => `${severity} ${rule}`);

  it('has nothing against good keys', () => {
    expect(rules(publicKey(key))).toEqual([]);
    expect(rules(generateKey('HS512'))).toEqual([]);
    expect(rules(generateKey('RS256'))).toEqual(['info rsa-2048']);
  });

  it('judges a JWK', () => {
    const { kid: _, alg: __, use: ___, ...bare } = exportJwk(key);
    expect(rules(bare)).toEqual(['warning alg-missing', 'info kid-missing', 'info use-missing']);
    expect(rules(exportPrivateJwk(key))).toEqual(['info private']);
    expect(rules({ kty: 'RSA', kid: 'x', alg: 'RS256', use: 'sig', n: 'AQAB', e: 'Aw' })).toEqual(
      expect.arrayContaining(['error rsa-short', 'warning rsa-exponent-small']),
    );
    expect(rules({ kty: 'RSA', kid: 'x', alg: 'RS256', use: 'sig', n: '=', e: 'Aw' })).toEqual(['error malformed']);
    expect(rules({ kty: 'oct', kid: 'x', alg: 'HS256', k: '=' })).toEqual(['error malformed']);
  });

  it('bounds the chance in a secret from above', () => {
    expect(guessableBits(new Uint8Array())).toBe(0);
    expect(guessableBits(new TextEncoder().encode('abcabcabcabcabcabcabcabcabcabcabcabc'))).toBeLessThan(10);
    expect(guessableBits(new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz012345'))).toBeLessThan(60);
    expect(guessableBits(crypto.getRandomValues(new Uint8Array(32)))).toBeGreaterThan(128);
  });
});
