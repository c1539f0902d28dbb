/** The key sets of RFC 7517 appendix A, and the JWE examples of RFC 7516 appendix A and RFC 7520 section 5. */
import { describe, expect, it } from 'vitest';
import { importKey, parseJwks, thumbprint, type JwkLike } from '@sealgate/jwt';
import { decryptJwe, isEncryptionAlgorithm, type ContentEncryption, type EncryptionAlgorithm } from '@sealgate/jwt/jwe';
import { rfcVectors } from '../vectors.ts';

describe('RFC 7517 appendix A', () => {
  const vectors = rfcVectors<Record<'A1' | 'A2' | 'A3', { keys: JwkLike[] }> & { B: JwkLike }>('rfc7517');

  it('A.1: the key for encryption is left out, the RSA key is kept', () => {
    const { keys, rejected } = parseJwks(vectors.A1);
    expect(keys.map(({ kid, alg }) => ({ kid, alg }))).toEqual([{ kid: '2011-04-29', alg: 'RS256' }]);
    expect(rejected).toEqual([]);
  });

  it('A.2: private keys are refused in a set, and import one by one', () => {
    expect(parseJwks(vectors.A2).rejected.map(({ error }) => error.code)).toEqual(['key_not_public', 'key_not_public']);
    expect(importKey(vectors.A2.keys[1]!, { alg: 'RS256' }).type).toBe('private');
    expect(importKey(vectors.A2.keys[0]!, { alg: 'ECDH-ES' }).type).toBe('private');
  });

  it('A.3: symmetric keys are refused in a set, and import one by one', () => {
    expect(parseJwks(vectors.A3).rejected.map(({ error }) => error.code)).toEqual(['key_not_public', 'key_not_public']);
    expect(importKey(vectors.A3.keys[0]!, { alg: 'A128KW' }).type).toBe('secret');
    expect(importKey(vectors.A3.keys[1]!, { alg: 'HS256' }).type).toBe('secret');
  });

  it('B: a certificate chain beside the key is carried and not used', () => {
    expect(thumbprint(importKey(vectors.B, { alg: 'RS256' }))).toHaveLength(43);
  });
});

interface JweExample {
  readonly key: JwkLike;
  readonly alg: string;
  readonly enc: ContentEncryption;
  readonly plaintext: string;
  readonly compact: string;
}

const SUPPORTED: readonly [rfc: string, section: string][] = [
  ['rfc7516', 'A1'],
  ['rfc7516', 'A3'],
  ['rfc7520', '5.2'],
  ['rfc7520', '5.4'],
  ['rfc7520', '5.5'],
  ['rfc7520', '5.6'],
  ['rfc7520', '5.7'],
  ['rfc7520', '5.8'],
];

describe('JWE examples', () => {
  it.each(SUPPORTED)('%s %s decrypts', async (rfc, section) => {
    const { key, alg, enc, plaintext, compact } = rfcVectors<Record<string, JweExample>>(rfc)[section]!;
    const { alg: _, ...jwk } = key;
    const imported = importKey({ ...jwk, alg }, { alg: alg as EncryptionAlgorithm });
    const decrypted = await decryptJwe(compact, imported, {
      algorithms: [alg as EncryptionAlgorithm],
      encryptions: [enc],
    });
    expect(Buffer.from(decrypted.plaintext).toString()).toBe(plaintext);
  });

  it.each([
    ['RFC 7516 A.2', 'RSA1_5', 'padding oracle'],
    ['RFC 7520 5.1', 'RSA1_5', 'padding oracle'],
    ['RFC 7520 5.3', 'PBES2-HS512+A256KW', 'work chosen by the sender'],
  ])('%s uses %s (%s): there is no such algorithm here', (_name, alg) => {
    expect(isEncryptionAlgorithm(alg)).toBe(false);
  });

  it('RFC 7520 5.9 is compressed, and refused before decryption', async () => {
    const { key, enc, compact } = rfcVectors<Record<string, JweExample>>('rfc7520')['5.9']!;
    const imported = importKey(key, { alg: 'A128KW' });
    await expect(decryptJwe(compact, imported, { algorithms: ['A128KW'], encryptions: [enc] })).rejects.toMatchObject({
      code: 'header_invalid',
      member: 'zip',
    });
  });
});
