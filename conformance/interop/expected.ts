/**
 * Which library has which algorithm: the pairs that must work. A pair that stops working fails the run, and so does one that
 * works without being listed, so that this table is neither too long nor too short.
 */
import type { Algorithm } from '@sealgate/jwt';

const HMAC = ['HS256', 'HS384', 'HS512'] as const;
const RSA = ['RS256', 'RS384', 'RS512'] as const;
const PSS = ['PS256', 'PS384', 'PS512'] as const;
const ECDSA = ['ES256', 'ES384', 'ES512'] as const;

const MOST = [...HMAC, ...RSA, ...PSS, ...ECDSA] as const;

export const EXPECTED: Readonly<Record<string, readonly Algorithm[]>> = {
  jose: [...MOST, 'EdDSA', 'Ed25519', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'],
  jsonwebtoken: MOST,
  'fast-jwt': [...MOST, 'EdDSA'],
  'node-jose': MOST,
  PyJWT: [...MOST, 'ES256K', 'EdDSA'],
  joserfc: [...MOST, 'ES256K', 'EdDSA', 'Ed25519', 'Ed448'],
  Authlib: [...MOST, 'ES256K', 'EdDSA'],
  jjwt: [...MOST, 'EdDSA'],
  'java-jwt': [...HMAC, ...RSA, ...ECDSA],
  'Nimbus JOSE+JWT': [...MOST, 'ES256K', 'EdDSA', 'Ed25519'],
  'golang-jwt': [...MOST, 'EdDSA'],
  'go-jose': [...MOST, 'EdDSA'],
  'jsonwebtoken (Rust)': [...HMAC, ...RSA, ...PSS, 'ES256', 'ES384', 'EdDSA'],
  'ruby-jwt': [...MOST, 'ES256K'],
  'latchset jose': MOST,
};
