/** New keys for every algorithm, from the randomness that is handed in; RSA from WebCrypto, which has its own. */
import { toBase64url } from '../model/base64url.ts';
import { type ContentEncryption, type KeyManagement, type SignatureAlgorithm, schemeOf } from './algorithms.ts';
import {
  COORDINATE_BYTES,
  WEIERSTRASS,
  type OctetCurve,
  type WeierstrassCurve,
  isMlDsa,
  isMontgomery,
  isWeierstrass,
  jwkFromOctets,
  jwkFromScalar,
  jwkFromSeed,
} from './elliptic.ts';
import type { Jwk } from './jwk.ts';
import { type Randomness, secretLength, wantedKey } from './key-encryption.ts';
import { webCrypto } from './signature.ts';
import { thumbprint } from './thumbprint.ts';

type RandomBytes = (length: number) => Uint8Array<ArrayBuffer>;

/** The page's own source of randomness. */
export function systemRandom(length: number): Uint8Array<ArrayBuffer> {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

export function ecKey(crv: WeierstrassCurve, random: RandomBytes): Jwk {
  // Half as many bytes again as the order has: reducing them leaves no bias that matters (FIPS 186-5 appendix A.2.1).
  const scalar = WEIERSTRASS[crv].utils.randomSecretKey(random(Math.ceil(COORDINATE_BYTES[crv] * 1.5)));
  return jwkFromScalar(crv, scalar);
}

export function octetKey(crv: OctetCurve, random: RandomBytes): Jwk {
  return jwkFromOctets(crv, random(crv === 'Ed448' ? 57 : crv === 'X448' ? 56 : 32));
}

export async function rsaKey(bits = 2048): Promise<Jwk> {
  const algorithm = { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) };
  const pair = await webCrypto().generateKey(algorithm, true, ['sign', 'verify']);
  const {
    n = '',
    e = '',
    d = '',
    p = '',
    q = '',
    dp = '',
    dq = '',
    qi = '',
  } = await webCrypto().exportKey('jwk', pair.privateKey);
  return { kty: 'RSA', n, e, d, p, q, dp, dq, qi };
}

/** A private key or a secret for a signature algorithm, with `alg`, `use` and, unless it is a secret, its thumbprint as `kid`. */
export async function generateSigningKey(algorithm: SignatureAlgorithm, random: RandomBytes): Promise<Jwk> {
  const scheme = schemeOf(algorithm);
  const name = { alg: algorithm, use: 'sig' };
  if (scheme.family === 'HMAC') return { kty: 'oct', ...name, k: toBase64url(random(scheme.bytes)) };
  const key = isMlDsa(algorithm)
    ? jwkFromSeed(algorithm, random(32))
    : scheme.family === 'ECDSA'
      ? ecKey(scheme.curve, random)
      : scheme.family === 'EdDSA'
        ? octetKey(scheme.curves[0] ?? 'Ed25519', random)
        : await rsaKey();
  return { ...key, kid: thumbprint(key), ...name };
}

/** A private key or a secret for key management; for ECDH-ES on the given curve. */
export async function generateEncryptionKey(
  alg: KeyManagement,
  enc: ContentEncryption,
  random: RandomBytes,
  crv: WeierstrassCurve | 'X25519' | 'X448' = 'P-256',
): Promise<Jwk> {
  const wanted = wantedKey(alg);
  const name = { alg, use: 'enc' };
  if (wanted === 'secret') return { kty: 'oct', ...name, k: toBase64url(random(secretLength(alg, enc))) };
  const key = wanted === 'rsa' ? await rsaKey() : isWeierstrass(crv) ? ecKey(crv, random) : octetKey(crv, random);
  return { ...key, kid: thumbprint(key), ...name };
}

/** Randomness for {@link Randomness}, from a source of bytes. */
export function randomnessFrom(random: RandomBytes): Randomness {
  return {
    bytes: random,
    keyLike({ crv }) {
      if (isWeierstrass(crv)) return ecKey(crv, random);
      if (isMontgomery(crv)) return octetKey(crv, random);
      throw new RangeError('curve');
    },
  };
}
