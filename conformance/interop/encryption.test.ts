/**
 * JWE with node-jose, both ways, for every shared key management algorithm with every content encryption (RFC 7518 sections 4 and 5).
 * With jose, which does our cryptography too: `packages/jwt/test`.
 */
import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import nodeJose from 'node-jose';
import { describe, expect, it } from 'vitest';
import { importKey, type ContentEncryption, type EncryptionAlgorithm } from '@sealgate/jwt';
import {
  CONTENT_ENCRYPTIONS,
  decryptJwe,
  ENCRYPTION_ALGORITHMS,
  encryptJwe,
  publicEncryptionKey,
  type EncryptionKey,
} from '@sealgate/jwt/jwe';

const encryptions = Object.keys(CONTENT_ENCRYPTIONS) as ContentEncryption[];
const algorithms = Object.keys(ENCRYPTION_ALGORITHMS) as EncryptionAlgorithm[];
const text = 'héllo';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
const curves = new Map(
  ['P-256', 'P-384', 'P-521'].map((crv) => [crv, generateKeyPairSync('ec', { namedCurve: crv }).privateKey]),
);

/** Keys that serve an algorithm, by what is special about them. */
function keysFor(alg: EncryptionAlgorithm, enc: ContentEncryption): ReadonlyMap<string, KeyObject> {
  const info = ENCRYPTION_ALGORITHMS[alg];
  if (info.family === 'rsa') return new Map([['', rsa]]);
  if (info.family === 'ecdh') return curves;
  const bytes = info.family === 'wrap' ? info.keyBytes : CONTENT_ENCRYPTIONS[enc].keyBytes;
  return new Map([['', createSecretKey(randomBytes(bytes))]]);
}

/** node-jose agrees on no key of more than 32 bytes. */
const isShared = (alg: EncryptionAlgorithm, enc: ContentEncryption): boolean =>
  alg !== 'ECDH-ES' || CONTENT_ENCRYPTIONS[enc].keyBytes <= 32;

const cases = algorithms.flatMap((alg) =>
  encryptions
    .filter((enc) => isShared(alg, enc))
    .flatMap((enc) => [...keysFor(alg, enc)].map(([kind, object]) => ({ alg, enc, kind, object }))),
);

const keyOf = (object: KeyObject, alg: EncryptionAlgorithm): EncryptionKey => importKey(object, { alg });

describe('JWE with node-jose', () => {
  it.each(cases)('$alg $kind with $enc', async ({ alg, enc, object }) => {
    const key = keyOf(object, alg);
    // A shared key used directly says for what: node-jose would choose by its length.
    const jwk = { ...object.export({ format: 'jwk' }), ...(alg === 'dir' ? { alg: enc } : {}) };
    const theirKey = await nodeJose.JWK.asKey(jwk);

    const ours = await encryptJwe(text, { key: key.type === 'private' ? publicEncryptionKey(key) : key, enc });
    const read = await nodeJose.JWE.createDecrypt(theirKey, { algorithms: [alg, enc] }).decrypt(ours);
    expect(read.plaintext.toString()).toBe(text);

    const theirs: unknown = await nodeJose.JWE.createEncrypt(
      { format: 'compact', contentAlg: enc, fields: { alg } },
      theirKey,
    )
      .update(Buffer.from(text))
      .final();
    const { plaintext, header } = await decryptJwe(String(theirs), key, { algorithms: [alg], encryptions: [enc] });
    expect([Buffer.from(plaintext).toString(), header.alg, header.enc]).toEqual([text, alg, enc]);

    const tampered = String(theirs).replace(/\.[^.]+$/u, (tag) =>
      tag.replace(/[A-Za-z]/u, (c) => (c === 'A' ? 'B' : 'A')),
    );
    await expect(decryptJwe(tampered, key, { algorithms: [alg], encryptions: [enc] })).rejects.toMatchObject({
      code: 'decryption_failed',
    });
  });
});
