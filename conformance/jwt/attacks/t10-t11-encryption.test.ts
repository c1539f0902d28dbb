/** ATTACKS.md T10 and T11: encrypted tokens, and confusion of signing with encrypting. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CompactEncrypt } from 'jose';
import {
  createVerifier,
  decryptJwe,
  encryptJwe,
  exportJwk,
  generateKey,
  importKey,
  signJwt,
  verifyJws,
  type EncryptionKey,
  type Key,
} from '@sealgate/jwt';
import { decryptAndVerifyJwt, publicEncryptionKey, signAndEncryptJwt } from '@sealgate/jwt/jwe';
import { verifyFlattenedJws, signFlattenedJws } from '@sealgate/jwt/jws-json';
import { encryptionObject } from '../../../packages/jwt/src/jwe/encryption-key.ts';
import { check, claims, encode, forge, header, ISSUER, AUDIENCE, NOW, signingKey, verificationKey } from './forge.ts';

const ecdh = generateKey('ECDH-ES', { kid: 'e1' });
const secret = generateKey('A256KW', { kid: 's1' });
const allow = { algorithms: ['ECDH-ES', 'A256KW', 'RSA-OAEP'], encryptions: ['A256GCM', 'A128CBC-HS256'] } as const;

async function refusal(token: string, key: EncryptionKey = ecdh): Promise<string> {
  return decryptJwe(token, key, allow).then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  );
}

function edit(token: string, index: number, change: (bytes: Buffer) => Buffer | Uint8Array): string {
  const parts = token.split('.');
  parts[index] = encode(change(Buffer.from(parts[index]!, 'base64url')));
  return parts.join('.');
}

function editHeader(token: string, change: object): string {
  return edit(token, 0, (bytes) =>
    Buffer.from(JSON.stringify({ ...(JSON.parse(bytes.toString()) as object), ...change })),
  );
}

describe('T10: what the sender must not choose', async () => {
  const token = await encryptJwe('attack at dawn', { key: publicEncryptionKey(ecdh) });

  it('the proper token decrypts', async () => {
    expect(await refusal(token)).toBe('accepted');
  });

  it.each([
    ['zip', { zip: 'DEF' }, 'header_invalid'],
    ['crit', { crit: ['exp'], exp: 1 }, 'critical_unsupported'],
    ['PBES2 with 10^9 rounds', { alg: 'PBES2-HS256+A128KW', p2c: 1_000_000_000, p2s: 'AAAA' }, 'algorithm_not_allowed'],
    ['RSA1_5', { alg: 'RSA1_5' }, 'algorithm_not_allowed'],
    ['an algorithm of another key', { alg: 'A256KW' }, 'key_unknown'],
    ['alg none', { alg: 'none' }, 'algorithm_not_allowed'],
    ['an encryption that is not allowed', { enc: 'A192GCM' }, 'encryption_not_allowed'],
    ['alg an array', { alg: ['ECDH-ES'] }, 'algorithm_not_allowed'],
  ])('%s is refused before any key is used', async (_name, change, code) => {
    expect(await refusal(editHeader(token, change))).toBe(code);
  });

  it('none of those can be allowed', async () => {
    for (const name of ['RSA1_5', 'PBES2-HS256+A128KW', 'none']) {
      await expect(
        decryptJwe(token, ecdh, { algorithms: [name as 'dir'], encryptions: ['A256GCM'] }),
      ).rejects.toBeInstanceOf(TypeError);
    }
    await expect(decryptJwe(token, ecdh, { algorithms: [], encryptions: ['A256GCM'] })).rejects.toBeInstanceOf(
      TypeError,
    );
    await expect(decryptJwe(token, ecdh, { algorithms: ['ECDH-ES'], encryptions: [] })).rejects.toBeInstanceOf(
      TypeError,
    );
  });

  it('a compressed bomb is refused, its size unseen', async () => {
    const bomb = deflateRawSync(Buffer.alloc(10_000_000));
    const jwe = await new CompactEncrypt(bomb)
      .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM' })
      .encrypt(encryptionObject(secret));
    expect(jwe.length).toBeLessThan(16_384);
    expect(await refusal(editHeader(jwe, { zip: 'DEF' }), secret)).toBe('header_invalid');
  });
});

describe('T10: the ephemeral key', async () => {
  const token = await encryptJwe('attack at dawn', { key: publicEncryptionKey(ecdh) });
  const epk = (
    JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { epk: { x: string; y: string } }
  ).epk;
  const off = Buffer.from(epk.y, 'base64url');
  off[0]! ^= 1;

  it.each([
    ['a point off the curve', { ...epk, y: encode(off) }],
    ['the point (0, 0)', { ...epk, x: encode(Buffer.alloc(32)), y: encode(Buffer.alloc(32)) }],
    ['a point of another curve', exportJwk(generateKey('ES384'))],
    ['a private key', { ...epk, d: encode(Buffer.alloc(32, 1)) }],
    ['missing', undefined],
    ['a string', 'AAAA'],
    ['an RSA key', exportJwk(generateKey('RS256'))],
  ])('%s is refused', async (_name, value) => {
    expect(await refusal(editHeader(token, { epk: value }))).toBe('header_invalid');
  });
});

describe('T10: one answer for every failed decryption', async () => {
  const gcm = await encryptJwe('attack at dawn', { key: secret });
  const cbc = await encryptJwe('attack at dawn', { key: secret, enc: 'A128CBC-HS256' });
  const rsa = generateKey('RSA-OAEP');
  const oaep = await encryptJwe('attack at dawn', { key: publicEncryptionKey(rsa) });
  const flip =
    (index: number) =>
    (bytes: Buffer): Buffer => {
      bytes[index < 0 ? bytes.length + index : index]! ^= 1;
      return bytes;
    };

  it.each([
    ['GCM ciphertext', edit(gcm, 3, flip(0)), secret],
    ['GCM tag', edit(gcm, 4, flip(0)), secret],
    ['GCM initialisation vector', edit(gcm, 2, flip(0)), secret],
    ['wrapped key', edit(gcm, 1, flip(0)), secret],
    ['CBC ciphertext, first block', edit(cbc, 3, flip(0)), secret],
    ['CBC ciphertext, padding', edit(cbc, 3, flip(-1)), secret],
    ['CBC tag', edit(cbc, 4, flip(0)), secret],
    ['OAEP block', edit(oaep, 1, flip(10)), rsa],
    ['header', editHeader(gcm, { cty: 'x' }), secret],
    ['the key of somebody else', gcm, generateKey('A256KW')],
  ])('%s', async (_name, token, key) => {
    const error: unknown = await decryptJwe(token, key, allow).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'decryption_failed', reason: undefined, part: undefined });
    expect((error as Error).cause).toBeUndefined();
  });

  it.each([
    ['GCM tag of 15 bytes', edit(gcm, 4, (bytes) => bytes.subarray(1))],
    ['GCM tag of 4 bytes', edit(gcm, 4, (bytes) => bytes.subarray(12))],
    ['CBC tag of 8 bytes', edit(cbc, 4, (bytes) => bytes.subarray(8))],
    ['initialisation vector of 16 bytes', edit(gcm, 2, () => Buffer.alloc(16))],
    ['CBC with half a block', edit(cbc, 3, (bytes) => bytes.subarray(8))],
    ['empty encrypted key', edit(gcm, 1, () => Buffer.alloc(0))],
  ])('%s is refused by its length', async (_name, token) => {
    expect(await refusal(token, secret)).toBe('token_malformed');
  });
});

describe('T11: signing and encrypting do not mix', async () => {
  const inner = forge({ ...header, typ: 'JWT' }, claims);
  const jwe = await encryptJwe(inner, { key: publicEncryptionKey(ecdh), cty: 'JWT' });

  it('an encrypted token is no signed one, nor the other way', async () => {
    expect(check(jwe)).toBe('token_malformed');
    expect(await refusal(inner)).toBe('token_malformed');
    expect(check(forge({ ...header, enc: 'A256GCM' }, claims))).toBe('header_invalid');
  });

  it('keys of one kind do not serve the other', async () => {
    await expect(encryptJwe('x', { key: signingKey as unknown as EncryptionKey })).rejects.toBeInstanceOf(TypeError);
    await expect(decryptJwe(jwe, signingKey as unknown as EncryptionKey, allow)).rejects.toBeInstanceOf(TypeError);
    expect(() => verifyJws(inner, ecdh as unknown as Key)).toThrow(TypeError);
    expect(() => signJwt(claims, { key: ecdh as unknown as Key })).toThrow(TypeError);
    expect(() => importKey({ ...exportJwk(signingKey), use: 'enc', alg: undefined }, { alg: 'ES256' })).toThrow();
  });

  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: verificationKey,
    algorithms: ['ES256'],
    now: () => NOW,
  });
  const nested = (token: string): Promise<unknown> => decryptAndVerifyJwt(token, ecdh, verifier, allow);

  it('a nested token is decrypted and verified', async () => {
    await expect(nested(jwe)).resolves.toMatchObject({ claims: { sub: 'alice' } });
    const made = await signAndEncryptJwt(claims, {
      sign: { key: signingKey },
      encrypt: { key: publicEncryptionKey(ecdh) },
    });
    await expect(nested(made)).resolves.toMatchObject({ claims: { sub: 'alice' } });
  });

  it.each([
    ['bare claims', JSON.stringify({ sub: 'alice' }), 'token_malformed'],
    ['an unsecured token', `${encode('{"alg":"none"}')}.${encode(JSON.stringify(claims))}.`, 'token_malformed'],
    ['a token signed by nobody known', forge(header, claims, generateKey('ES256')), 'signature_invalid'],
    [
      'JSON serialization',
      signFlattenedJws(Buffer.from(JSON.stringify(claims)), { key: signingKey }),
      'token_malformed',
    ],
  ])('%s inside is refused', async (_name, content, code) => {
    const token = await encryptJwe(content, { key: publicEncryptionKey(ecdh), cty: 'JWT' });
    await expect(nested(token)).rejects.toMatchObject({ code });
  });

  it('content that is not declared a JWT is refused', async () => {
    await expect(nested(await encryptJwe(inner, { key: publicEncryptionKey(ecdh) }))).rejects.toMatchObject({
      code: 'typ_mismatch',
    });
  });

  it('no text is both compact and JSON', () => {
    const flattened = signFlattenedJws(Buffer.from(JSON.stringify(claims)), { key: signingKey });
    expect(verifyFlattenedJws(flattened, verificationKey).header.alg).toBe('ES256');
    expect(check(flattened)).toBe('token_malformed');
    expect(check(` ${inner}`)).toBe('base64url_invalid');
    expect(check(`${inner}\n`)).toBe('base64url_invalid');
    expect(() => verifyFlattenedJws(inner, verificationKey)).toThrow(expect.objectContaining({ code: 'json_invalid' }));
    const parts = JSON.parse(flattened) as Record<string, unknown>;
    expect(() => verifyFlattenedJws(JSON.stringify({ ...parts, signatures: [parts] }), verificationKey)).toThrow(
      expect.objectContaining({ code: 'token_malformed' }),
    );
    expect(check({ ...parts })).toBe('token_malformed');
    expect(check(`${inner}.${inner}`)).toBe('token_malformed');
  });
});
