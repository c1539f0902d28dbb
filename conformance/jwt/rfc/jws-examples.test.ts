/**
 * The JWS examples of RFC 7515 appendix A, RFC 7520 section 4, RFC 7797 section 4, RFC 8037 appendix A and RFC 9964: each
 * verifies, and each of a deterministic algorithm comes out again byte for byte.
 */
import { describe, expect, it } from 'vitest';
import { importKey, parseJwks, thumbprint, verifyJws, type Algorithm, type JwkLike, type Key } from '@sealgate/jwt';
import { verifyDetachedJws, signDetachedJws } from '@sealgate/jwt/jws-detached';
import { verifyFlattenedJws, verifyGeneralJws } from '@sealgate/jwt/jws-json';
import { createSignature } from '../../../packages/jwt/src/jws/signature.ts';
import { rfcVectors } from '../vectors.ts';

interface Example {
  readonly alg: Algorithm;
  readonly key: JwkLike;
  readonly deterministic?: boolean;
  readonly compact: string;
  readonly flattened: object;
  readonly general: object;
  readonly detached: string;
  readonly payload: string;
}

/** A key without the metadata that fixes it to other uses in the RFC (a `kid` of its own is kept). */
function keyOf(jwk: JwkLike, alg: Algorithm): Key {
  return importKey(jwk, { alg });
}

/** Signs what the example signed: same header bytes, same payload bytes. */
function reproduce(example: Example): string {
  const input = example.compact.slice(0, example.compact.lastIndexOf('.'));
  return `${input}.${createSignature(keyOf(example.key, example.alg), Buffer.from(input)).toString('base64url')}`;
}

const rfc7515 = rfcVectors<
  Record<'A1' | 'A2' | 'A3' | 'A4' | 'A5' | 'A7', Example> & {
    A6: { keys: { alg: Algorithm; jwk: JwkLike }[]; general: object };
  }
>('rfc7515');

describe('RFC 7515 appendix A', () => {
  it.each(['A1', 'A2', 'A3', 'A4'] as const)('%s verifies', (name) => {
    const { key, alg, compact } = rfc7515[name];
    const { payload } = verifyJws(compact, keyOf(key, alg));
    expect(Buffer.from(payload).toString()).toContain(name === 'A4' ? 'Payload' : '"iss":"joe"');
  });

  it.each(['A1', 'A2'] as const)('%s is reproduced byte for byte', (name) => {
    expect(reproduce(rfc7515[name])).toBe(rfc7515[name].compact);
  });

  it('A.5, the unsecured JWS, is refused', () => {
    const key = keyOf(rfc7515.A1.key, 'HS256');
    expect(() => verifyJws(rfc7515.A5.compact, key)).toThrow(expect.objectContaining({ code: 'token_malformed' }));
  });

  it('A.6, general serialization, verifies by either key, and by both', () => {
    const keys = rfc7515.A6.keys.map(({ jwk, alg }) =>
      importKey(jwk, { alg, kid: alg === 'RS256' ? '2010-12-29' : 'e9bc097a-ce51-4036-9562-d2ade882db0d' }),
    );
    const text = JSON.stringify(rfc7515.A6.general);
    for (const key of keys) expect(verifyGeneralJws(text, key).key).toBe(key);
    expect(verifyGeneralJws(text, keys).verified).toHaveLength(2);
  });

  it('A.7, flattened serialization, verifies', () => {
    const { key, alg, flattened } = rfc7515.A7;
    expect(verifyFlattenedJws(JSON.stringify(flattened), keyOf(key, alg)).header.kid).toBe(
      'e9bc097a-ce51-4036-9562-d2ade882db0d',
    );
  });
});

const rfc7520 = rfcVectors<
  Record<string, Example> & { '4.8': { keys: { alg: Algorithm; jwk: JwkLike }[]; general: object } }
>('rfc7520');

describe('RFC 7520 section 4', () => {
  it.each(['4.1', '4.2', '4.3', '4.4'])('%s verifies in each serialization', (section) => {
    const { key, alg, compact, flattened, general } = rfc7520[section]!;
    const imported = keyOf(key, alg);
    const text = 'It’s a dangerous business, Frodo';
    for (const payload of [
      verifyJws(compact, imported).payload,
      verifyFlattenedJws(JSON.stringify(flattened), imported).payload,
      verifyGeneralJws(JSON.stringify(general), imported).payload,
    ]) {
      expect(Buffer.from(payload).toString()).toContain(text);
    }
  });

  it.each(['4.1', '4.4'])('%s is reproduced byte for byte', (section) => {
    expect(reproduce(rfc7520[section]!)).toBe(rfc7520[section]!.compact);
  });

  it('4.5, detached, verifies and is reproduced byte for byte', () => {
    const { key, alg, detached, payload } = rfc7520['4.5']!;
    const imported = keyOf(key, alg);
    expect(verifyDetachedJws(detached, Buffer.from(payload), imported).key).toBe(imported);
    expect(signDetachedJws(Buffer.from(payload), { key: imported })).toBe(detached);
  });

  it('4.6, some parameters protected, verifies', () => {
    const { key, alg, flattened, general } = rfc7520['4.6']!;
    const imported = keyOf(key, alg);
    expect(verifyFlattenedJws(JSON.stringify(flattened), imported).header.kid).toBe(key['kid']);
    expect(verifyGeneralJws(JSON.stringify(general), imported).header.kid).toBe(key['kid']);
  });

  it('4.7, no parameter protected, is refused: nothing unprotected may choose the algorithm', () => {
    const { key, alg, flattened, general } = rfc7520['4.7']!;
    const imported = keyOf(key, alg);
    expect(() => verifyFlattenedJws(JSON.stringify(flattened), imported)).toThrow(
      expect.objectContaining({ code: 'token_malformed' }),
    );
    expect(() => verifyGeneralJws(JSON.stringify(general), imported)).toThrow(
      expect.objectContaining({ code: 'key_unknown' }),
    );
  });

  it('4.8, multiple signatures, verifies by those whose algorithm is protected', () => {
    const { keys, general } = rfc7520['4.8'];
    const [rsa, ec, secret] = keys.map(({ jwk, alg }) => keyOf(jwk, alg)) as [Key, Key, Key];
    const text = JSON.stringify(general);
    expect(verifyGeneralJws(text, rsa).key).toBe(rsa);
    expect(verifyGeneralJws(text, secret).key).toBe(secret);
    expect(() => verifyGeneralJws(text, ec)).toThrow(expect.objectContaining({ code: 'key_unknown' }));
  });
});

describe('RFC 7797 section 4', () => {
  const vectors = rfcVectors<{
    key: JwkLike;
    payload: string;
    '4.1': { compact: string };
    '4.2': { detached: string; flattened: object };
  }>('rfc7797');
  const key = keyOf(vectors.key, 'HS256');

  it('4.1, with b64 true, verifies', () => {
    expect(Buffer.from(verifyJws(vectors['4.1'].compact, key).payload).toString()).toBe('$.02');
  });

  it('4.2, with b64 false, verifies detached and flattened, and is reproduced byte for byte', () => {
    expect(verifyDetachedJws(vectors['4.2'].detached, Buffer.from('$.02'), key).key).toBe(key);
    expect(Buffer.from(verifyFlattenedJws(JSON.stringify(vectors['4.2'].flattened), key).payload).toString()).toBe(
      '$.02',
    );
    expect(signDetachedJws(Buffer.from('$.02'), { key, unencoded: true })).toBe(vectors['4.2'].detached);
  });
});

describe('RFC 8037 appendix A', () => {
  const vectors = rfcVectors<{ key: JwkLike; A3: { thumbprint: string }; A4: Example }>('rfc8037');

  it('A.3: the thumbprint', () => {
    expect(thumbprint(keyOf(vectors.key, 'EdDSA'))).toBe(vectors.A3.thumbprint);
  });

  it('A.4 verifies and is reproduced byte for byte', () => {
    expect(Buffer.from(verifyJws(vectors.A4.compact, keyOf(vectors.key, 'EdDSA')).payload).toString()).toBe(
      vectors.A4.payload,
    );
    expect(reproduce({ ...vectors.A4, key: vectors.key })).toBe(vectors.A4.compact);
  });
});

describe('RFC 7638 section 3.1', () => {
  it('the thumbprint', () => {
    const vectors = rfcVectors<{ key: JwkLike; thumbprint: string }>('rfc7638');
    expect(thumbprint(importKey(vectors.key, { alg: 'RS256' }))).toBe(vectors.thumbprint);
  });
});

describe('RFC 9964 (ML-DSA for JOSE)', () => {
  const vectors =
    rfcVectors<Record<string, { key: JwkLike & { kid: string; alg: Algorithm }; jws: string }>>('rfc9964');
  it.each(Object.keys(vectors))('%s: the key, its thumbprint, and the signature', (alg) => {
    const { key, jws } = vectors[alg]!;
    const imported = importKey(key, { alg: alg as Algorithm });
    expect(imported.type).toBe('private');
    expect(thumbprint(imported)).toBe(key.kid);
    const { priv: _, ...published } = key;
    const [publicKey] = parseJwks({ keys: [published] }).keys;
    expect(Buffer.from(verifyJws(jws, publicKey!).payload).toString()).toContain('dangerous business');
  });
});
