/**
 * The tables of key management and content encryption (RFC 7518 sections 4.1 and 5.1).
 *
 * `RSA1_5` (padding oracle), the PBES2 family (work factor chosen by the sender) and compression are not here and cannot be
 * added (RFC 8725 sections 3.2 and 3.6).
 */

export type EncryptionAlgorithm =
  | 'RSA-OAEP'
  | 'RSA-OAEP-256'
  | 'ECDH-ES'
  | 'ECDH-ES+A128KW'
  | 'ECDH-ES+A192KW'
  | 'ECDH-ES+A256KW'
  | 'A128KW'
  | 'A192KW'
  | 'A256KW'
  | 'A128GCMKW'
  | 'A192GCMKW'
  | 'A256GCMKW'
  | 'dir';

/** Content encryption, the `enc` of a JWE (RFC 7518 section 5.1). */
export type ContentEncryption = 'A128GCM' | 'A192GCM' | 'A256GCM' | 'A128CBC-HS256' | 'A192CBC-HS384' | 'A256CBC-HS512';

/** What the encrypted key of an algorithm looks like. */
export type KeyManagement =
  | { readonly family: 'rsa' }
  | { readonly family: 'ecdh'; readonly wraps: boolean }
  | { readonly family: 'wrap'; readonly keyBytes: number; readonly gcm: boolean }
  | { readonly family: 'direct' };

/** Every key management algorithm of this package, the `alg` of a JWE (RFC 7518 section 4.1). */
export const ENCRYPTION_ALGORITHMS: Readonly<Record<EncryptionAlgorithm, KeyManagement>> = {
  'RSA-OAEP': { family: 'rsa' },
  'RSA-OAEP-256': { family: 'rsa' },
  'ECDH-ES': { family: 'ecdh', wraps: false },
  'ECDH-ES+A128KW': { family: 'ecdh', wraps: true },
  'ECDH-ES+A192KW': { family: 'ecdh', wraps: true },
  'ECDH-ES+A256KW': { family: 'ecdh', wraps: true },
  A128KW: { family: 'wrap', keyBytes: 16, gcm: false },
  A192KW: { family: 'wrap', keyBytes: 24, gcm: false },
  A256KW: { family: 'wrap', keyBytes: 32, gcm: false },
  A128GCMKW: { family: 'wrap', keyBytes: 16, gcm: true },
  A192GCMKW: { family: 'wrap', keyBytes: 24, gcm: true },
  A256GCMKW: { family: 'wrap', keyBytes: 32, gcm: true },
  dir: { family: 'direct' },
};

/** Sizes in bytes. */
export const CONTENT_ENCRYPTIONS: Readonly<
  Record<ContentEncryption, { readonly keyBytes: number; readonly ivBytes: number; readonly tagBytes: number }>
> = {
  A128GCM: { keyBytes: 16, ivBytes: 12, tagBytes: 16 },
  A192GCM: { keyBytes: 24, ivBytes: 12, tagBytes: 16 },
  A256GCM: { keyBytes: 32, ivBytes: 12, tagBytes: 16 },
  'A128CBC-HS256': { keyBytes: 32, ivBytes: 16, tagBytes: 16 },
  'A192CBC-HS384': { keyBytes: 48, ivBytes: 16, tagBytes: 24 },
  'A256CBC-HS512': { keyBytes: 64, ivBytes: 16, tagBytes: 32 },
};

/** Whether a value names a key management algorithm of this package. */
export function isEncryptionAlgorithm(value: unknown): value is EncryptionAlgorithm {
  return typeof value === 'string' && Object.hasOwn(ENCRYPTION_ALGORITHMS, value);
}

/** Whether a value names a content encryption of this package. */
export function isContentEncryption(value: unknown): value is ContentEncryption {
  return typeof value === 'string' && Object.hasOwn(CONTENT_ENCRYPTIONS, value);
}
