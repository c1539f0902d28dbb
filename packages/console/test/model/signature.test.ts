/** Signatures made and checked by the page's own code, against `jose` and `node:crypto`. */
import { createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from 'node:crypto';
import { CompactSign, compactVerify, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { SIGNATURE_NAMES, type SignatureAlgorithm } from '../../src/debugger/crypto/algorithms.ts';
import { generateSigningKey, systemRandom } from '../../src/debugger/crypto/generate.ts';
import { keyType, publicPart } from '../../src/debugger/crypto/jwk.ts';
import { writePkcs8, writeSpki } from '../../src/debugger/crypto/key-structure.ts';
import { readKeyText } from '../../src/debugger/crypto/key-text.ts';
import { writePem } from '../../src/debugger/crypto/pem.ts';
import { signBytes, verifyBytes } from '../../src/debugger/crypto/signature.ts';
import { fromBase64url, toBase64url } from '../../src/debugger/model/base64url.ts';

const text = new TextEncoder();

const kept = new Map<string, ReturnType<typeof generateSigningKey>>();

/** One key for each algorithm: RSA keys are slow to make. */
function keyFor(algorithm: SignatureAlgorithm): ReturnType<typeof generateSigningKey> {
  const key = kept.get(algorithm) ?? generateSigningKey(algorithm, systemRandom);
  kept.set(algorithm, key);
  return key;
}

describe('signatures (RFC 7518 section 3, RFC 8037, RFC 8812, RFC 9964)', () => {
  it.each(SIGNATURE_NAMES)('%s: what is signed verifies, and nothing else does', async (algorithm) => {
    const jwk = await keyFor(algorithm);
    const input = text.encode('header.payload');
    const signature = Uint8Array.from(await signBytes(algorithm, jwk, input));
    const verifier = publicPart(jwk) ?? jwk;
    expect(await verifyBytes(algorithm, verifier, input, signature)).toBe(true);
    expect(await verifyBytes(algorithm, verifier, text.encode('header.payloaD'), signature)).toBe(false);
    expect(await verifyBytes(algorithm, verifier, input, signature.slice(1))).toBe(false);
    signature[5] = (signature[5] ?? 0) ^ 1;
    expect(await verifyBytes(algorithm, verifier, input, signature)).toBe(false);
  });

  // jose has neither ES256K nor Ed448 nor EdDSA on Ed448; those are held against node:crypto below.
  it.each(SIGNATURE_NAMES.filter((name) => !['ES256K', 'Ed448'].includes(name)))(
    '%s: both ways with jose',
    async (algorithm) => {
      const jwk = await keyFor(algorithm);
      const ours = await signBytes(algorithm, jwk, text.encode(`${header(algorithm)}.cGF5bG9hZA`));
      const token = `${header(algorithm)}.cGF5bG9hZA.${toBase64url(ours)}`;
      const key = await importJWK({ ...(publicPart(jwk) ?? jwk) }, algorithm);
      expect(new TextDecoder().decode((await compactVerify(token, key)).payload)).toBe('payload');
      const theirs = await new CompactSign(text.encode('payload'))
        .setProtectedHeader({ alg: algorithm })
        .sign(await importJWK({ ...jwk }, algorithm));
      const [head, body, signature = ''] = theirs.split('.');
      expect(
        await verifyBytes(algorithm, publicPart(jwk) ?? jwk, text.encode(`${head}.${body}`), fromBase64url(signature)),
      ).toBe(true);
    },
  );

  it.each(['ES256K', 'Ed448'] as const)('%s: both ways with node:crypto, through PEM', async (algorithm) => {
    const jwk = await keyFor(algorithm);
    const privateKey = createPrivateKey(writePem('PRIVATE KEY', writePkcs8(jwk)));
    const publicKey = createPublicKey(writePem('PUBLIC KEY', writeSpki(jwk)));
    const input = text.encode('input');
    const hash = algorithm === 'ES256K' ? 'sha256' : null;
    const options = algorithm === 'ES256K' ? ({ dsaEncoding: 'ieee-p1363' } as const) : {};
    const ours = await signBytes(algorithm, jwk, input);
    expect(nodeVerify(hash, input, { key: publicKey, ...options }, ours)).toBe(true);
    const theirs = Uint8Array.from(nodeSign(hash, input, { key: privateKey, ...options }));
    expect(await verifyBytes(algorithm, publicPart(jwk) ?? jwk, input, theirs)).toBe(true);
  });
});

describe('keys in PEM (RFC 7468, RFC 8410, RFC 9881)', () => {
  const asymmetric = SIGNATURE_NAMES.filter((name) => !name.startsWith('HS'));
  it.each(asymmetric)('%s: written, read by node:crypto, read back as the same key', async (algorithm) => {
    const jwk = await keyFor(algorithm);
    const pkcs8 = writePem('PRIVATE KEY', writePkcs8(jwk));
    const spki = writePem('PUBLIC KEY', writeSpki(jwk));
    const node = createPrivateKey(pkcs8);
    const [fromOurs] = readKeyText(pkcs8).keys;
    const [fromNode] = readKeyText(node.export({ format: 'pem', type: 'pkcs8' })).keys;
    const [fromPublic] = readKeyText(createPublicKey(node).export({ format: 'pem', type: 'spki' })).keys;
    const { kid: _kid, use: _use, alg, ...material } = jwk;
    const expected = jwk.kty === 'AKP' ? { alg, ...material } : material;
    expect(fromOurs?.jwk).toEqual(expected);
    expect(fromNode?.jwk).toEqual(expected);
    expect(keyType(fromPublic?.jwk ?? { kty: 'oct' })).toBe('public');
    expect(readKeyText(spki).keys[0]?.jwk).toEqual(fromPublic?.jwk);
  });
});

function header(alg: string): string {
  return toBase64url(text.encode(JSON.stringify({ alg })));
}
