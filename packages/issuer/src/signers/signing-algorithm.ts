/**
 * What each signature algorithm of JOSE asks of a key (RFC 7518 section 3, RFC 8037, RFC 8812, RFC 9864): its type, its curve or
 * least size, its digest, and the length of its signatures. Asymmetric algorithms only: a shared secret in a key store could
 * not be given to those who verify.
 */
import { type KeyObject, constants, createHash, verify } from 'node:crypto';
import { SignerError } from './signer-error.ts';

export type DigestName = 'sha256' | 'sha384' | 'sha512';
export type CurveName = 'P-256' | 'P-384' | 'P-521' | 'secp256k1';

/** What an algorithm asks of its key. */
export type SigningAlgorithmTraits =
  | { readonly type: 'EC'; readonly curve: CurveName; readonly digest: DigestName; readonly signatureBytes: number }
  | { readonly type: 'RSA'; readonly padding: 'pkcs1' | 'pss'; readonly digest: DigestName }
  | { readonly type: 'Ed25519'; readonly signatureBytes: 64 }
  | { readonly type: 'ML-DSA'; readonly parameters: '44' | '65' | '87'; readonly signatureBytes: number };

const RSA_LEAST_BITS = 2048;

export const SIGNING_ALGORITHMS = {
  ES256: { type: 'EC', curve: 'P-256', digest: 'sha256', signatureBytes: 64 },
  ES384: { type: 'EC', curve: 'P-384', digest: 'sha384', signatureBytes: 96 },
  ES512: { type: 'EC', curve: 'P-521', digest: 'sha512', signatureBytes: 132 },
  ES256K: { type: 'EC', curve: 'secp256k1', digest: 'sha256', signatureBytes: 64 },
  RS256: { type: 'RSA', padding: 'pkcs1', digest: 'sha256' },
  RS384: { type: 'RSA', padding: 'pkcs1', digest: 'sha384' },
  RS512: { type: 'RSA', padding: 'pkcs1', digest: 'sha512' },
  PS256: { type: 'RSA', padding: 'pss', digest: 'sha256' },
  PS384: { type: 'RSA', padding: 'pss', digest: 'sha384' },
  PS512: { type: 'RSA', padding: 'pss', digest: 'sha512' },
  EdDSA: { type: 'Ed25519', signatureBytes: 64 },
  Ed25519: { type: 'Ed25519', signatureBytes: 64 },
  'ML-DSA-44': { type: 'ML-DSA', parameters: '44', signatureBytes: 2420 },
  'ML-DSA-65': { type: 'ML-DSA', parameters: '65', signatureBytes: 3309 },
  'ML-DSA-87': { type: 'ML-DSA', parameters: '87', signatureBytes: 4627 },
} as const satisfies Readonly<Record<string, SigningAlgorithmTraits>>;

/** An algorithm that a key store can sign with. */
export type SigningAlgorithm = keyof typeof SIGNING_ALGORITHMS;

export function traitsOf(algorithm: SigningAlgorithm): SigningAlgorithmTraits {
  return SIGNING_ALGORITHMS[algorithm];
}

/** The digest of `bytes` in the algorithm's own hash, for stores that sign digests. */
export function digestOf(bytes: Uint8Array, digest: DigestName): Buffer {
  return createHash(digest).update(bytes).digest();
}

const NODE_CURVES: Readonly<Record<string, CurveName>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  secp256k1: 'secp256k1',
};

/** What a public key is, in words: `EC P-256`, `RSA 2048`. */
export function describeKey(key: KeyObject): string {
  const details = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ec':
      return `EC ${NODE_CURVES[details.namedCurve ?? ''] ?? details.namedCurve ?? 'unknown curve'}`;
    case 'rsa':
    case 'rsa-pss':
      return `RSA ${details.modulusLength ?? 0}`;
    default:
      return (key.asymmetricKeyType ?? key.type).replace(/^ed/u, 'Ed').replace(/^ml-dsa/u, 'ML-DSA');
  }
}

/**
 * Throws unless the public key is one that `algorithm` is for.
 *
 * @throws {SignerError} `key_mismatch`.
 */
export function assertKeyFits(key: KeyObject, algorithm: SigningAlgorithm): void {
  const traits = traitsOf(algorithm);
  const found = describeKey(key);
  const mismatch = (expected: string) =>
    new SignerError('key_mismatch', { detail: `the key is ${found}, and ${algorithm} needs ${expected}` });
  switch (traits.type) {
    case 'EC':
      if (found !== `EC ${traits.curve}`) throw mismatch(`EC ${traits.curve}`);
      return;
    case 'RSA':
      if (!((key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_LEAST_BITS && key.asymmetricKeyType === 'rsa')) {
        throw mismatch(`RSA of at least ${RSA_LEAST_BITS} bits`);
      }
      return;
    case 'Ed25519':
      if (found !== 'Ed25519') throw mismatch('Ed25519');
      return;
    case 'ML-DSA':
      if (found !== `ML-DSA-${traits.parameters}`) throw mismatch(`ML-DSA-${traits.parameters}`);
      return;
  }
}

/** Whether `signature`, in the form that a JWS has it, is one of `key` over `bytes`. */
export function isSignature(
  algorithm: SigningAlgorithm,
  key: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  const traits = traitsOf(algorithm);
  switch (traits.type) {
    case 'EC':
      return (
        signature.length === traits.signatureBytes &&
        verify(traits.digest, bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
      );
    case 'RSA':
      return verify(
        traits.digest,
        bytes,
        traits.padding === 'pss'
          ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
          : { key, padding: constants.RSA_PKCS1_PADDING },
        signature,
      );
    case 'Ed25519':
    case 'ML-DSA':
      return signature.length === traits.signatureBytes && verify(null, bytes, key, signature);
  }
}
