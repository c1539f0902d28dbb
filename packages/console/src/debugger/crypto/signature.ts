/**
 * Signatures of JWS (RFC 7518 section 3, RFC 8037, RFC 8812, RFC 9964): does the key fit the algorithm, sign, verify.
 *
 * RSA runs in WebCrypto; everything else in @noble, which works in any page, takes weak keys (a debugger explains them, it does
 * not refuse them) and has the algorithms WebCrypto lacks. Nothing here says whether a token may be trusted.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { fromBase64url } from '../model/base64url.ts';
import { type Hash, type SignatureAlgorithm, schemeOf } from './algorithms.ts';
import { EDWARDS, ML_DSA, WEIERSTRASS, isEdwards, isMlDsa, pointOf } from './elliptic.ts';
import { type Jwk, keyType } from './jwk.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const HASHES = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const;

/** Why a key cannot be used with an algorithm. */
export type Misfit =
  | 'needs-secret'
  | 'needs-rsa'
  | 'needs-curve'
  | 'needs-ml-dsa'
  | 'needs-private'
  | 'key-names-other'
  | 'key-use';

/** WebCrypto is missing (the page is not a secure context) or refuses the key. */
export class CryptoUnavailable extends Error {
  readonly reason: 'insecure-context' | 'refused';

  constructor(reason: 'insecure-context' | 'refused') {
    super(reason);
    this.reason = reason;
  }
}

/** Why `jwk` does not fit, or `undefined` if it does. `key-names-other` and `key-use` are the key's own word against it. */
export function misfit(algorithm: SignatureAlgorithm, jwk: Jwk, purpose: 'sign' | 'verify'): Misfit | undefined {
  const scheme = schemeOf(algorithm);
  if (scheme.family === 'HMAC') {
    if (jwk.kty !== 'oct') return 'needs-secret';
  } else if (scheme.family === 'ECDSA') {
    if (jwk.kty !== 'EC' || jwk.crv !== scheme.curve) return 'needs-curve';
  } else if (scheme.family === 'EdDSA') {
    if (jwk.kty !== 'OKP' || !scheme.curves.some((curve) => curve === jwk.crv)) return 'needs-curve';
  } else if (scheme.family === 'ML-DSA') {
    if (jwk.kty !== 'AKP' || jwk.alg !== algorithm) return 'needs-ml-dsa';
  } else if (jwk.kty !== 'RSA') return 'needs-rsa';
  if (purpose === 'sign' && keyType(jwk) === 'public') return 'needs-private';
  const isAlias = (jwk.alg === 'EdDSA' && algorithm === jwk.crv) || (algorithm === 'EdDSA' && jwk.alg === jwk.crv);
  if (jwk.alg !== undefined && jwk.alg !== algorithm && !isAlias) return 'key-names-other';
  return jwk.use !== undefined && jwk.use !== 'sig' ? 'key-use' : undefined;
}

/** Whether `signature` over `input` is of this key. The key must fit (see {@link misfit}). */
export async function verifyBytes(
  algorithm: SignatureAlgorithm,
  jwk: Jwk,
  input: Bytes,
  signature: Bytes,
): Promise<boolean> {
  const scheme = schemeOf(algorithm);
  if (scheme.family === 'HMAC') return equalBytes(hmac(HASHES[scheme.hash], octets(jwk.k), input), signature);
  if (scheme.family === 'RSA-PSS' || scheme.family === 'RSASSA-PKCS1-v1_5') {
    const { subtle, parameters, key } = await rsaKey(scheme.family, scheme.hash, jwk, 'verify');
    return subtle.verify(parameters, key, signature, input);
  }
  try {
    if (scheme.family === 'ECDSA')
      return WEIERSTRASS[scheme.curve].verify(signature, input, pointOf(jwk), { lowS: false });
    if (isEdwards(jwk.crv)) return EDWARDS[jwk.crv].verify(signature, input, octets(jwk.x), { zip215: false });
    return isMlDsa(algorithm) && ML_DSA[algorithm].verify(signature, input, octets(jwk.pub));
  } catch {
    // A signature of the wrong length, or with r or s out of range, is no signature.
    return false;
  }
}

/** Signs. The key must fit and be private or secret. */
export async function signBytes(algorithm: SignatureAlgorithm, jwk: Jwk, input: Bytes): Promise<Uint8Array> {
  const scheme = schemeOf(algorithm);
  if (scheme.family === 'HMAC') return hmac(HASHES[scheme.hash], octets(jwk.k), input);
  if (scheme.family === 'RSA-PSS' || scheme.family === 'RSASSA-PKCS1-v1_5') {
    const { subtle, parameters, key } = await rsaKey(scheme.family, scheme.hash, jwk, 'sign');
    return new Uint8Array(await subtle.sign(parameters, key, input));
  }
  if (scheme.family === 'ECDSA') return WEIERSTRASS[scheme.curve].sign(input, octets(jwk.d), { lowS: false });
  if (isEdwards(jwk.crv)) return EDWARDS[jwk.crv].sign(input, octets(jwk.d));
  if (!isMlDsa(algorithm)) throw new TypeError(`no signer for ${algorithm}`);
  return ML_DSA[algorithm].sign(input, ML_DSA[algorithm].keygen(octets(jwk.priv)).secretKey);
}

const octets = (value: string | undefined): Bytes => fromBase64url(value ?? '');

/** WebCrypto's own interface, or a typed error where the page has none. */
export function webCrypto(): SubtleCrypto {
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  if (subtle === undefined) throw new CryptoUnavailable('insecure-context');
  return subtle;
}

async function rsaKey(name: 'RSA-PSS' | 'RSASSA-PKCS1-v1_5', hash: Hash, jwk: Jwk, usage: 'sign' | 'verify') {
  const subtle = webCrypto();
  const { kty, n, e, d, p, q, dp, dq, qi } = jwk;
  const material = usage === 'sign' ? { kty, n, e, d, p, q, dp, dq, qi } : { kty, n, e };
  try {
    const present = Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
    const key = await subtle.importKey('jwk', present, { name, hash }, false, [usage]);
    return { subtle, key, parameters: { name, saltLength: Number(hash.slice(4)) / 8 } };
  } catch {
    throw new CryptoUnavailable('refused');
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
