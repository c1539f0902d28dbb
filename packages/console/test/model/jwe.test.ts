/** JWE made and opened by the page's own code, against `jose`. */
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  CONTENT_ENCRYPTION_NAMES,
  type ContentEncryption,
  KEY_MANAGEMENT_NAMES,
  type KeyManagement,
} from '../../src/debugger/crypto/algorithms.ts';
import { generateEncryptionKey, randomnessFrom, systemRandom } from '../../src/debugger/crypto/generate.ts';
import { decrypt, encrypt } from '../../src/debugger/crypto/jwe.ts';
import { publicPart } from '../../src/debugger/crypto/jwk.ts';
import { inspect } from '../../src/debugger/model/inspect.ts';

const random = randomnessFrom(systemRandom);
const plaintext = new TextEncoder().encode('{"sub":"alice"}');

const pairs: (readonly [KeyManagement, ContentEncryption])[] = KEY_MANAGEMENT_NAMES.flatMap((alg) =>
  CONTENT_ENCRYPTION_NAMES.map((enc) => [alg, enc] as const),
);

const kept = new Map<string, ReturnType<typeof generateEncryptionKey>>();

/** A key for the pair; RSA keys are slow to make, and one serves every content encryption. */
function keyFor(alg: KeyManagement, enc: ContentEncryption): ReturnType<typeof generateEncryptionKey> {
  const name = alg.startsWith('RSA') ? alg : `${alg} ${enc}`;
  const key = kept.get(name) ?? generateEncryptionKey(alg, enc, systemRandom);
  kept.set(name, key);
  return key;
}

async function open(token: string, jwk: Parameters<typeof decrypt>[2]) {
  const { header, encrypted } = inspect(token);
  if (encrypted === undefined) throw new Error('not taken for a JWE');
  return decrypt(header?.node, encrypted, jwk);
}

describe('JWE (RFC 7516, RFC 7518 sections 4 and 5)', () => {
  it.each(pairs)('%s with %s: both ways with jose', async (alg, enc) => {
    const jwk = await keyFor(alg, enc);
    const ours = await encrypt(plaintext, { alg, enc, jwk: publicPart(jwk) ?? jwk, random });
    expect((await compactDecrypt(ours, await importJWK({ ...jwk }, alg))).plaintext).toEqual(plaintext);
    const theirs = await new CompactEncrypt(plaintext)
      .setProtectedHeader({ alg, enc })
      .encrypt(await importJWK({ ...(publicPart(jwk) ?? jwk) }, alg));
    expect(await open(theirs, jwk)).toEqual({ plaintext });
  });

  it.each(['P-384', 'P-521', 'X25519'] as const)('ECDH-ES on %s: both ways with jose', async (crv) => {
    const jwk = await generateEncryptionKey('ECDH-ES', 'A256GCM', systemRandom, crv);
    const ours = await encrypt(plaintext, { alg: 'ECDH-ES', enc: 'A256GCM', jwk: publicPart(jwk) ?? jwk, random });
    expect((await compactDecrypt(ours, await importJWK({ ...jwk }, 'ECDH-ES'))).plaintext).toEqual(plaintext);
  });

  it('says which step failed', async () => {
    const jwk = await generateEncryptionKey('A256KW', 'A256GCM', systemRandom);
    const other = await generateEncryptionKey('A256KW', 'A256GCM', systemRandom);
    const small = await generateEncryptionKey('A128KW', 'A256GCM', systemRandom);
    const token = await encrypt(plaintext, { alg: 'A256KW', enc: 'A256GCM', jwk, random });
    expect(await open(token, other)).toEqual({ failure: 'key-step' });
    expect(await open(token, small)).toEqual({ failure: 'key-kind' });
    const parts = token.split('.');
    parts[3] = `${parts[3]?.startsWith('A') ? 'B' : 'A'}${parts[3]?.slice(1)}`;
    expect(await open(parts.join('.'), jwk)).toEqual({ failure: 'content-step' });
  });

  it('inflates compressed content, up to a bound (ATTACKS T10)', async () => {
    const jwk = await generateEncryptionKey('dir', 'A256GCM', systemRandom);
    for (const [size, expected] of [
      [1000, 'plaintext'],
      [5_000_000, 'zip-too-large'],
    ] as const) {
      const stream = new Blob([new Uint8Array(size)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
      const packed = new Uint8Array(await new Response(stream).arrayBuffer());
      const token = await encrypt(packed, { alg: 'dir', enc: 'A256GCM', jwk, random, header: { zip: 'DEF' } });
      const outcome = await open(token, jwk);
      expect('failure' in outcome ? outcome.failure : 'plaintext').toBe(expected);
    }
  });
});
