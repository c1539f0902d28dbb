/**
 * The curves behind `crv` (RFC 7518 section 6.2, RFC 8037, RFC 8812) as one interface over @noble/curves.
 *
 * In JavaScript and not through WebCrypto: WebCrypto has no secp256k1, Ed448 or X448, needs a secure context, and gives one
 * error for every fault where this page must say which.
 */
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { ed448, x448 } from '@noble/curves/ed448.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { fromBase64url, toBase64url } from '../model/base64url.ts';
import { joinBytes } from './der.ts';
import type { Jwk } from './jwk.ts';

export const WEIERSTRASS = { 'P-256': p256, 'P-384': p384, 'P-521': p521, secp256k1 } as const;
export const EDWARDS = { Ed25519: ed25519, Ed448: ed448 } as const;
export const MONTGOMERY = { X25519: x25519, X448: x448 } as const;
export const ML_DSA = { 'ML-DSA-44': ml_dsa44, 'ML-DSA-65': ml_dsa65, 'ML-DSA-87': ml_dsa87 } as const;

export type WeierstrassCurve = keyof typeof WEIERSTRASS;
export type OctetCurve = keyof typeof EDWARDS | keyof typeof MONTGOMERY;
export type MlDsaName = keyof typeof ML_DSA;

/** Bytes of a coordinate and of a private scalar. */
export const COORDINATE_BYTES: Readonly<Record<WeierstrassCurve, number>> = {
  'P-256': 32,
  'P-384': 48,
  'P-521': 66,
  secp256k1: 32,
};

export function isWeierstrass(crv: unknown): crv is WeierstrassCurve {
  return typeof crv === 'string' && Object.hasOwn(WEIERSTRASS, crv);
}

export function isEdwards(crv: unknown): crv is keyof typeof EDWARDS {
  return typeof crv === 'string' && Object.hasOwn(EDWARDS, crv);
}

export function isMontgomery(crv: unknown): crv is keyof typeof MONTGOMERY {
  return typeof crv === 'string' && Object.hasOwn(MONTGOMERY, crv);
}

export function isMlDsa(alg: unknown): alg is MlDsaName {
  return typeof alg === 'string' && Object.hasOwn(ML_DSA, alg);
}

/** The uncompressed point of an EC key (SEC 1 section 2.3.3), not checked to lie on the curve. */
export function pointOf(jwk: Jwk): Uint8Array<ArrayBuffer> {
  return joinBytes(Uint8Array.of(4), fromBase64url(jwk.x ?? ''), fromBase64url(jwk.y ?? ''));
}

/** An EC JWK from a point in any SEC 1 form. Throws if the point is not on the curve. */
export function jwkFromPoint(crv: WeierstrassCurve, point: Uint8Array): Jwk {
  const flat = WEIERSTRASS[crv].Point.fromBytes(point).toBytes(false);
  const size = COORDINATE_BYTES[crv];
  return { kty: 'EC', crv, x: toBase64url(flat.slice(1, 1 + size)), y: toBase64url(flat.slice(1 + size)) };
}

/** The JWK of an EC private scalar. */
export function jwkFromScalar(crv: WeierstrassCurve, scalar: Uint8Array): Jwk {
  const size = COORDINATE_BYTES[crv];
  const padded = joinBytes(new Uint8Array(Math.max(0, size - scalar.length)), scalar);
  return { ...jwkFromPoint(crv, WEIERSTRASS[crv].getPublicKey(padded)), d: toBase64url(padded) };
}

/** The JWK of an Edwards or Montgomery private key. */
export function jwkFromOctets(crv: OctetCurve, secret: Uint8Array): Jwk {
  const curve = isEdwards(crv) ? EDWARDS[crv] : MONTGOMERY[crv];
  return { kty: 'OKP', crv, x: toBase64url(curve.getPublicKey(secret)), d: toBase64url(secret) };
}

/** The JWK of an ML-DSA seed of 32 bytes (RFC 9964 section 3: `priv` is the seed). */
export function jwkFromSeed(alg: MlDsaName, seed: Uint8Array): Jwk {
  const { publicKey } = ML_DSA[alg].keygen(seed);
  return { kty: 'AKP', alg, pub: toBase64url(publicKey), priv: toBase64url(seed) };
}
