/**
 * The algorithms this page works with: what each one is, which keys fit it, how long its signatures are.
 *
 * Names and meanings: RFC 7518 sections 3 to 5, RFC 8037, RFC 8812 (ES256K), RFC 9864 (fully specified names), RFC 9964 (ML-DSA).
 * The table is data; `signature.ts` and `jwe.ts` compute.
 */

export type Curve = 'P-256' | 'P-384' | 'P-521' | 'secp256k1';
export type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512';

export type SignatureScheme =
  | { readonly family: 'HMAC'; readonly hash: Hash; readonly bytes: number }
  | { readonly family: 'RSASSA-PKCS1-v1_5' | 'RSA-PSS'; readonly hash: Hash }
  | { readonly family: 'ECDSA'; readonly curve: Curve; readonly hash: Hash; readonly bytes: number }
  | { readonly family: 'EdDSA'; readonly curves: readonly ('Ed25519' | 'Ed448')[] }
  | { readonly family: 'ML-DSA'; readonly bytes: number; readonly publicBytes: number };

export const SIGNATURE_ALGORITHMS = {
  HS256: { family: 'HMAC', hash: 'SHA-256', bytes: 32 },
  HS384: { family: 'HMAC', hash: 'SHA-384', bytes: 48 },
  HS512: { family: 'HMAC', hash: 'SHA-512', bytes: 64 },
  RS256: { family: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  RS384: { family: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' },
  RS512: { family: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
  PS256: { family: 'RSA-PSS', hash: 'SHA-256' },
  PS384: { family: 'RSA-PSS', hash: 'SHA-384' },
  PS512: { family: 'RSA-PSS', hash: 'SHA-512' },
  ES256: { family: 'ECDSA', curve: 'P-256', hash: 'SHA-256', bytes: 64 },
  ES384: { family: 'ECDSA', curve: 'P-384', hash: 'SHA-384', bytes: 96 },
  ES512: { family: 'ECDSA', curve: 'P-521', hash: 'SHA-512', bytes: 132 },
  ES256K: { family: 'ECDSA', curve: 'secp256k1', hash: 'SHA-256', bytes: 64 },
  EdDSA: { family: 'EdDSA', curves: ['Ed25519', 'Ed448'] },
  Ed25519: { family: 'EdDSA', curves: ['Ed25519'] },
  Ed448: { family: 'EdDSA', curves: ['Ed448'] },
  'ML-DSA-44': { family: 'ML-DSA', bytes: 2420, publicBytes: 1312 },
  'ML-DSA-65': { family: 'ML-DSA', bytes: 3309, publicBytes: 1952 },
  'ML-DSA-87': { family: 'ML-DSA', bytes: 4627, publicBytes: 2592 },
} as const satisfies Readonly<Record<string, SignatureScheme>>;

export type SignatureAlgorithm = keyof typeof SIGNATURE_ALGORITHMS;

export const SIGNATURE_NAMES = Object.keys(SIGNATURE_ALGORITHMS).filter(isSignatureAlgorithm);

/** How the content key of a JWE is given (RFC 7518 section 4). */
export const KEY_MANAGEMENT_NAMES = [
  'dir',
  'A128KW',
  'A192KW',
  'A256KW',
  'A128GCMKW',
  'A192GCMKW',
  'A256GCMKW',
  'RSA-OAEP',
  'RSA-OAEP-256',
  'RSA-OAEP-384',
  'RSA-OAEP-512',
  'ECDH-ES',
  'ECDH-ES+A128KW',
  'ECDH-ES+A192KW',
  'ECDH-ES+A256KW',
] as const;

export type KeyManagement = (typeof KEY_MANAGEMENT_NAMES)[number];

/** Registered, and left out on purpose: RSA1_5 is a padding oracle, PBES2 lets the sender choose the reader's work. */
export const REFUSED_KEY_MANAGEMENT = [
  'RSA1_5',
  'PBES2-HS256+A128KW',
  'PBES2-HS384+A192KW',
  'PBES2-HS512+A256KW',
] as const;

/** How the content of a JWE is encrypted (RFC 7518 section 5), and the length of its key in bytes. */
export const CONTENT_ENCRYPTIONS = {
  A128GCM: { mode: 'GCM', keyBytes: 16 },
  A192GCM: { mode: 'GCM', keyBytes: 24 },
  A256GCM: { mode: 'GCM', keyBytes: 32 },
  'A128CBC-HS256': { mode: 'CBC', keyBytes: 32 },
  'A192CBC-HS384': { mode: 'CBC', keyBytes: 48 },
  'A256CBC-HS512': { mode: 'CBC', keyBytes: 64 },
} as const;

export type ContentEncryption = keyof typeof CONTENT_ENCRYPTIONS;

export const CONTENT_ENCRYPTION_NAMES = Object.keys(CONTENT_ENCRYPTIONS).filter(isContentEncryption);

export function isSignatureAlgorithm(name: unknown): name is SignatureAlgorithm {
  return typeof name === 'string' && Object.hasOwn(SIGNATURE_ALGORITHMS, name);
}

export function isKeyManagement(name: unknown): name is KeyManagement {
  return (KEY_MANAGEMENT_NAMES as readonly unknown[]).includes(name);
}

export function isContentEncryption(name: unknown): name is ContentEncryption {
  return typeof name === 'string' && Object.hasOwn(CONTENT_ENCRYPTIONS, name);
}

/** The scheme of an algorithm. */
export function schemeOf(algorithm: SignatureAlgorithm): SignatureScheme {
  return SIGNATURE_ALGORITHMS[algorithm];
}

/** Lengths in bytes that a signature of the algorithm can have, or `undefined` where the key decides (RSA). */
export function signatureLengths(algorithm: SignatureAlgorithm): readonly number[] | undefined {
  const scheme = schemeOf(algorithm);
  if (scheme.family === 'EdDSA') return scheme.curves.map((curve) => (curve === 'Ed25519' ? 64 : 114));
  return 'bytes' in scheme ? [scheme.bytes] : undefined;
}
