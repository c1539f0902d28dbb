/**
 * The table of signature algorithms (RFC 7518 section 3.1, RFC 8812, RFC 9864, RFC 9964) and what each asks of a key.
 *
 * There is no `none`, and no way to add one. Data only: the work is done in `jws/signature.ts`. Runs in a browser.
 */

export type Algorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'ES256K'
  | 'EdDSA'
  | 'Ed25519'
  | 'Ed448'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87';

/** What a key must be to serve an algorithm. */
export type AlgorithmInfo =
  | { readonly family: 'hmac'; readonly kty: 'oct'; readonly hash: Hash; readonly signatureBytes: number }
  | { readonly family: 'rsa'; readonly kty: 'RSA'; readonly hash: Hash; readonly padding: 'pkcs1' | 'pss' }
  | {
      readonly family: 'ec';
      readonly kty: 'EC';
      readonly hash: Hash;
      readonly crv: 'P-256' | 'P-384' | 'P-521' | 'secp256k1';
      readonly signatureBytes: number;
    }
  | { readonly family: 'okp'; readonly kty: 'OKP'; readonly crv: 'Ed25519' | 'Ed448'; readonly signatureBytes: number }
  | { readonly family: 'akp'; readonly kty: 'AKP'; readonly publicBytes: number; readonly signatureBytes: number };

export type Hash = 'sha256' | 'sha384' | 'sha512';

/** Every algorithm of this package, by its JOSE name (RFC 7518 section 3.1, RFC 8812, RFC 9864, RFC 9964). */
export const ALGORITHMS: Readonly<Record<Algorithm, AlgorithmInfo>> = {
  HS256: { family: 'hmac', kty: 'oct', hash: 'sha256', signatureBytes: 32 },
  HS384: { family: 'hmac', kty: 'oct', hash: 'sha384', signatureBytes: 48 },
  HS512: { family: 'hmac', kty: 'oct', hash: 'sha512', signatureBytes: 64 },
  RS256: { family: 'rsa', kty: 'RSA', hash: 'sha256', padding: 'pkcs1' },
  RS384: { family: 'rsa', kty: 'RSA', hash: 'sha384', padding: 'pkcs1' },
  RS512: { family: 'rsa', kty: 'RSA', hash: 'sha512', padding: 'pkcs1' },
  PS256: { family: 'rsa', kty: 'RSA', hash: 'sha256', padding: 'pss' },
  PS384: { family: 'rsa', kty: 'RSA', hash: 'sha384', padding: 'pss' },
  PS512: { family: 'rsa', kty: 'RSA', hash: 'sha512', padding: 'pss' },
  ES256: { family: 'ec', kty: 'EC', hash: 'sha256', crv: 'P-256', signatureBytes: 64 },
  ES384: { family: 'ec', kty: 'EC', hash: 'sha384', crv: 'P-384', signatureBytes: 96 },
  ES512: { family: 'ec', kty: 'EC', hash: 'sha512', crv: 'P-521', signatureBytes: 132 },
  ES256K: { family: 'ec', kty: 'EC', hash: 'sha256', crv: 'secp256k1', signatureBytes: 64 },
  EdDSA: { family: 'okp', kty: 'OKP', crv: 'Ed25519', signatureBytes: 64 },
  Ed25519: { family: 'okp', kty: 'OKP', crv: 'Ed25519', signatureBytes: 64 },
  Ed448: { family: 'okp', kty: 'OKP', crv: 'Ed448', signatureBytes: 114 },
  'ML-DSA-44': { family: 'akp', kty: 'AKP', publicBytes: 1312, signatureBytes: 2420 },
  'ML-DSA-65': { family: 'akp', kty: 'AKP', publicBytes: 1952, signatureBytes: 3309 },
  'ML-DSA-87': { family: 'akp', kty: 'AKP', publicBytes: 2592, signatureBytes: 4627 },
};

/** True for the exact, case-sensitive name of an algorithm in the table. */
export function isAlgorithm(value: unknown): value is Algorithm {
  return typeof value === 'string' && Object.hasOwn(ALGORITHMS, value);
}

/** The largest RSA modulus accepted, bits: verification time grows with its square. */
export const MAX_RSA_BITS = 8_192;
/** The smallest RSA modulus accepted, bits (RFC 7518 section 3.3). */
export const MIN_RSA_BITS = 2_048;
