/**
 * The algorithms that a key store can sign with, and the checks that a key and a signature are of one of them (RFC 7518 section 3,
 * RFC 8032, RFC 8812, FIPS 204). What each algorithm asks of a key is in `@sealgate/jwt`.
 *
 * Asymmetric algorithms only: a shared secret in a key store could not be given to those who verify.
 */
import { type KeyObject, constants, createHash, verify } from 'node:crypto';
import { ALGORITHMS, type Algorithm, type AlgorithmInfo, type Key, importKey, isJwtError } from '@sealgate/jwt';
import { SignerError } from './signer-error.ts';

/** An algorithm that a key store can sign with. */
export type SigningAlgorithm = Exclude<Algorithm, 'HS256' | 'HS384' | 'HS512' | 'Ed448'>;

export const SIGNING_ALGORITHMS = [
  ...(['ES256', 'ES384', 'ES512', 'ES256K', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['EdDSA', 'Ed25519', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const),
] as const satisfies readonly SigningAlgorithm[];

export type DigestName = 'sha256' | 'sha384' | 'sha512';

/** What an algorithm asks of its key. */
export function traitsOf(algorithm: SigningAlgorithm): AlgorithmInfo {
  return ALGORITHMS[algorithm];
}

/** The digest of `bytes`, for stores that sign digests. */
export function digestOf(bytes: Uint8Array, digest: DigestName): Buffer {
  return createHash(digest).update(bytes).digest();
}

/**
 * The public key as a `Key` of `@sealgate/jwt`.
 *
 * @throws {SignerError} `key_mismatch` unless the key is one that `algorithm` is for, and strong enough.
 */
export function keyFor(algorithm: SigningAlgorithm, object: KeyObject, kid?: string): Key {
  try {
    return importKey(object, { alg: algorithm, ...(kid === undefined ? {} : { kid }) });
  } catch (error) {
    if (!isJwtError(error)) throw error;
    const weak = error.code === 'key_too_weak' ? ' and too weak' : '';
    throw new SignerError('key_mismatch', {
      detail: `the key is ${describe(object)}${weak}; ${algorithm} is configured`,
    });
  }
}

/**
 * Whether `signature`, in the form that a JWS has it, is one of `key` over `bytes`. Here and now where that is quick; on a thread of
 * the pool for the curves that OpenSSL has no fast code for: P-521 takes milliseconds.
 */
export async function isSignature(
  algorithm: SigningAlgorithm,
  key: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const traits = traitsOf(algorithm);
  if (traits.family === 'rsa') return verify(traits.hash, bytes, { key, ...PADDINGS[traits.padding] }, signature);
  if (signature.length !== traits.signatureBytes) return false;
  if (traits.family !== 'ec') return verify(null, bytes, key, signature);
  const options = { key, dsaEncoding: 'ieee-p1363' } as const;
  if (traits.crv === 'P-256') return verify(traits.hash, bytes, options, signature);
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  verify(traits.hash, bytes, options, signature, (error, valid) => (error === null ? resolve(valid) : reject(error)));
  return promise;
}

const PADDINGS = {
  pkcs1: { padding: constants.RSA_PKCS1_PADDING },
  pss: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
} as const;

/** What a public key is, in words: `ec prime256v1`, `rsa 2048`. */
function describe({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): string {
  return [type, details.namedCurve ?? details.modulusLength].filter((part) => part !== undefined).join(' ');
}
