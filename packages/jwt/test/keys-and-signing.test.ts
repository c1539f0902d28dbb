/** Every algorithm in every key format, signing with a remote signer, JWE in every algorithm and against `jose`. */
import { createPrivateKey, createSecretKey } from 'node:crypto';
import { compactDecrypt, CompactEncrypt } from 'jose';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  ALGORITHMS,
  createVerifier,
  decodeUnverified,
  decryptJwe,
  encryptJwe,
  exportJwk,
  exportPrivateDer,
  exportPrivateJwk,
  exportPrivatePem,
  exportPublicDer,
  exportPublicPem,
  exportSecret,
  generateKey,
  importKey,
  isKey,
  publicKey,
  signJwt,
  thumbprint,
  thumbprintUri,
  verifyJws,
  type Algorithm,
  type EncryptionAlgorithm,
  type Key,
  type KeyResolver,
  type Outcome,
  type Signer,
  type ContentEncryption,
} from '@sealgate/jwt';
import { CONTENT_ENCRYPTIONS, ENCRYPTION_ALGORITHMS, publicEncryptionKey } from '@sealgate/jwt/jwe';
import { signDetachedJws, verifyDetachedJws } from '@sealgate/jwt/jws-detached';
import { signFlattenedJws, signGeneralJws, verifyFlattenedJws, verifyGeneralJws } from '@sealgate/jwt/jws-json';
import { encryptionObject } from '../src/jwe/encryption-key.ts';
import { createSignature } from '../src/jws/signature.ts';

const algorithms = Object.keys(ALGORITHMS) as Algorithm[];
const keys = new Map(algorithms.map((alg) => [alg, generateKey(alg)]));
const claims = { iss: 'i', aud: 'a', sub: 's', exp: 4_000_000_000 };

describe.each(algorithms)('%s', (alg) => {
  const key = keys.get(alg)!;
  const verifies = (signer: Key, verifier: Key): void => {
    const token = signJwt(claims, { key: signer });
    expect(
      createVerifier({ issuer: 'i', audience: 'a', keys: verifier, algorithms: [alg] }).verify(token).claims,
    ).toEqual(claims);
  };

  it('goes out and comes in again, in every format, as the same key', () => {
    if (key.type === 'secret') {
      for (const source of [exportSecret(key), exportPrivateJwk(key), createSecretKey(exportSecret(key))])
        verifies(key, importKey(source, { alg, kid: key.kid! }));
      return;
    }
    const kid = key.kid!;
    for (const source of [exportJwk(key), exportPublicPem(key), exportPublicDer(key)]) {
      const half = importKey(source, { alg, kid });
      expect([half.type, thumbprint(half)]).toEqual(['public', thumbprint(key)]);
      verifies(key, half);
    }
    for (const source of [exportPrivateJwk(key), exportPrivatePem(key), exportPrivateDer(key)]) {
      const whole = importKey(source, { alg, kid });
      expect([whole.type, thumbprint(whole)]).toEqual(['private', thumbprint(key)]);
      verifies(whole, publicKey(key));
    }
    expect(thumbprintUri(key)).toBe(`urn:ietf:params:oauth:jwk-thumbprint:sha-256:${kid}`);
    expect(Object.keys(exportJwk(key)).some((member) => ['d', 'p', 'priv', 'k'].includes(member))).toBe(false);
    expect(() => signJwt(claims, { key: publicKey(key) })).toThrow(TypeError);
    expect(() => exportPrivateJwk(publicKey(key))).toThrow(TypeError);
  });

  it('signs JSON and detached serializations', () => {
    const payload = Buffer.from('any bytes');
    const check = key.type === 'secret' ? key : publicKey(key);
    expect(Buffer.from(verifyFlattenedJws(signFlattenedJws(payload, { key }), check).payload)).toEqual(payload);
    expect(verifyGeneralJws(signGeneralJws(payload, [key, keys.get('ES256')!]), check).key).toBe(check);
    for (const unencoded of [true, false])
      expect(verifyDetachedJws(signDetachedJws(payload, { key, unencoded }), payload, check).key).toBe(check);
  });

  it('a signer somewhere else gives the same kind of token', async () => {
    const signer: Signer = { alg, kid: key.kid!, sign: async (bytes) => createSignature(key, bytes) };
    const token = await signJwt(claims, { key: signer });
    expect(verifyJws(token, key.type === 'secret' ? key : publicKey(key)).header.kid).toBe(key.kid);
    await expect(signJwt(claims, { key: { ...signer, sign: async () => new Uint8Array(7) } })).rejects.toMatchObject({
      code: 'signing_failed',
    });
    await expect(
      signJwt(claims, { key: { ...signer, sign: async () => Promise.reject(new Error('down')) } }),
    ).rejects.toMatchObject({ code: 'signing_failed' });
  });
});

describe('other formats', () => {
  it('PKCS #1 and SEC 1', () => {
    const rsa = createPrivateKey(exportPrivatePem(keys.get('RS256')!));
    const ec = createPrivateKey(exportPrivatePem(keys.get('ES256')!));
    expect(importKey(rsa.export({ format: 'pem', type: 'pkcs1' }), { alg: 'RS256' }).type).toBe('private');
    expect(importKey(rsa.export({ format: 'der', type: 'pkcs1' }), { alg: 'RS256' }).type).toBe('private');
    expect(importKey(ec.export({ format: 'pem', type: 'sec1' }), { alg: 'ES256' }).type).toBe('private');
    expect(importKey(ec.export({ format: 'der', type: 'sec1' }), { alg: 'ES256' }).type).toBe('private');
  });

  it('an X.509 certificate, as PEM and DER', () => {
    // Self-signed, Ed25519, for this test alone.
    const pem = `-----BEGIN CERTIFICATE-----
MIIBRjCB+aADAgECAhRgyjfUeAZNyPJOb+aVARsI+l45gTAFBgMrZXAwGDEWMBQG
A1UEAwwNc2VhbGdhdGUtdGVzdDAgFw0yNjExMjIwMzI0MTFaGA8yMTI2MTAyOTAz
MjQxMVowGDEWMBQGA1UEAwwNc2VhbGdhdGUtdGVzdDAqMAUGAytlcAMhAB6NYlHc
Ods4biHZVrJt+jVk8NCzBsDYUgHbPTKmtoVwo1MwUTAdBgNVHQ4EFgQUwQYfyXJh
3sB8kZFgDwSxnvt2II0wHwYDVR0jBBgwFoAUwQYfyXJh3sB8kZFgDwSxnvt2II0w
DwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQD9htoWKj40EP8PDQUMuTUCQav3JAu+
lBc/PA5uk6MJFBZjQa6jSU0oZuo1H2Z+N2h3JyqKIlfAoTG9UK85xMEH
-----END CERTIFICATE-----
`;
    const der = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\n/gu, ''), 'base64');
    for (const source of [pem, der]) expect(importKey(source, { alg: 'Ed25519' }).type).toBe('public');
    expect(() => importKey(pem, { alg: 'ES256' })).toThrow(expect.objectContaining({ code: 'key_algorithm_mismatch' }));
  });
});

describe('what signJwt refuses to write', () => {
  const key = keys.get('ES256')!;
  it.each<[string, object]>([
    ['exp as a Date', { exp: new Date() }],
    ['exp as text', { exp: '1' }],
    ['exp NaN', { exp: Number.NaN }],
    ['sub as a number', { sub: 1 }],
    ['a lone surrogate', { sub: '\ud800' }],
    ['NUL', { x: '\u0000' }],
    ['__proto__', JSON.parse('{"a":{"__proto__":1}}') as object],
    ['40 levels', { deep: JSON.parse('['.repeat(40) + ']'.repeat(40)) as object }],
    ['toJSON', { toJSON: () => ({ sub: 'other' }) }],
    ['20,000 characters', { pad: 'x'.repeat(20_000) }],
    ['a BigInt', { x: 1n }],
  ])('%s', (_name, bad) => {
    expect(() => signJwt({ ...bad }, { key })).toThrow(TypeError);
  });

  it.each([{ alg: 'none' }, { kid: 'x' }, { typ: 'x' }, { crit: ['x'] }, { b64: false }, { enc: 'A128GCM' }])(
    'the header %o',
    (header) => {
      expect(() => signJwt(claims, { key, header })).toThrow(TypeError);
    },
  );

  it('writes other header parameters', () => {
    expect(decodeUnverified(signJwt(claims, { key, header: { cty: 'x', 'urn:x': [1] } })).header).toMatchObject({
      alg: 'ES256',
      typ: 'JWT',
      cty: 'x',
      'urn:x': [1],
    });
  });
});

describe('JWE', () => {
  const encryptions = Object.keys(CONTENT_ENCRYPTIONS) as ContentEncryption[];
  const cases = (Object.keys(ENCRYPTION_ALGORITHMS) as EncryptionAlgorithm[]).flatMap((alg) =>
    (alg === 'dir' ? (['A256GCM', 'A128CBC-HS256'] as ContentEncryption[]) : encryptions).map(
      (enc) => [alg, enc] as const,
    ),
  );
  const recipients = new Map(cases.map(([alg]) => [alg, generateKey(alg, { kid: 'e' })]));

  it.each(cases)('%s with %s, to and from jose', async (alg, enc) => {
    const key = recipients.get(alg)!;
    const object = encryptionObject(key);
    const half = key.type === 'private' ? publicEncryptionKey(key) : key;
    const ours = await encryptJwe('héllo', { key: half, enc });
    expect(Buffer.from((await compactDecrypt(ours, object)).plaintext).toString()).toBe('héllo');
    const theirs = await new CompactEncrypt(Buffer.from('héllo'))
      .setProtectedHeader({ alg, enc })
      .encrypt(encryptionObject(half));
    for (const token of [ours, theirs]) {
      expect(
        Buffer.from((await decryptJwe(token, key, { algorithms: [alg], encryptions: [enc] })).plaintext).toString(),
      ).toBe('héllo');
    }
  });

  it('X25519 for ECDH-ES', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const key = importKey(generateKeyPairSync('x25519').privateKey, { alg: 'ECDH-ES' });
    const token = await encryptJwe('x', { key: publicEncryptionKey(key) });
    expect(
      (await decryptJwe(token, key, { algorithms: ['ECDH-ES'], encryptions: ['A256GCM'] })).header.kid,
    ).toBeUndefined();
  });
});

it('local keys answer at once, remote ones may not: the types say so', async () => {
  const key = keys.get('ES256')!;
  const rules = { issuer: 'i', audience: 'a', algorithms: ['ES256'] as const };
  const local = createVerifier({ ...rules, keys: key });
  const resolver: KeyResolver = { find: () => key, isCurrent: () => true };
  const remote = createVerifier({ ...rules, keys: resolver });
  expectTypeOf(local.check('x')).toEqualTypeOf<Outcome>();
  expectTypeOf(remote.check('x')).toEqualTypeOf<Outcome | Promise<Outcome>>();
  const verified = remote.verify('x');
  expectTypeOf(verified).resolves.toHaveProperty('claims');
  await expect(verified).rejects.toMatchObject({ code: 'token_malformed' });
  expect([isKey(key), isKey({ ...key }), isKey(undefined)]).toEqual([true, false, false]);
});
