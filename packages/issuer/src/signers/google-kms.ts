/**
 * Signatures by Google Cloud KMS (`cryptoKeyVersions.getPublicKey` and `.asymmetricSign` of its REST API v1), through
 * `@google-cloud/kms`.
 *
 * A key version there has one algorithm, fixed at creation, and it must be the configured one to the letter. The digest is made
 * here, except for Ed25519, which signs the message. Every checksum of the protocol is sent and checked.
 */
import { type KeyObject, createPublicKey } from 'node:crypto';
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import { crc32c } from './crc32c.ts';
import { derToConcatenated } from './der-signature.ts';
import type { SignerDriver } from './external-signer.ts';
import { assertChecksum, bytesOf, callGoogle } from './google-client.ts';
import { SignerError } from './signer-error.ts';
import { type SigningAlgorithm, digestOf, traitsOf } from './signing-algorithm.ts';

/** Names of `CryptoKeyVersionAlgorithm`; RSA's have the size in the middle. */
const ALGORITHM_NAMES: Readonly<Partial<Record<SigningAlgorithm, RegExp>>> = {
  ES256: /^EC_SIGN_P256_SHA256$/u,
  ES384: /^EC_SIGN_P384_SHA384$/u,
  ES256K: /^EC_SIGN_SECP256K1_SHA256$/u,
  RS256: /^RSA_SIGN_PKCS1_\d+_SHA256$/u,
  RS512: /^RSA_SIGN_PKCS1_\d+_SHA512$/u,
  PS256: /^RSA_SIGN_PSS_\d+_SHA256$/u,
  PS512: /^RSA_SIGN_PSS_\d+_SHA512$/u,
  EdDSA: /^EC_SIGN_ED25519$/u,
  Ed25519: /^EC_SIGN_ED25519$/u,
};

export interface GoogleKmsOptions {
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V`. */
  readonly keyVersion: string;
  readonly algorithm: SigningAlgorithm;
  readonly timeoutMs: number;
}

export function googleKmsDriver(client: KeyManagementServiceClient, options: GoogleKmsOptions): SignerDriver {
  const { keyVersion: name, algorithm, timeoutMs } = options;
  return {
    name: `google-kms:${name.split('/').slice(-3).join('/')}`,

    async publicKey(signal) {
      const answer = await callGoogle(signal, (call) => client.getPublicKey({ name }, call), timeoutMs);
      const pem = answer.pem ?? '';
      if (answer.name !== name) {
        throw new SignerError('integrity_failed', { detail: 'Google Cloud KMS answered for another key' });
      }
      assertChecksum(Buffer.from(pem, 'ascii'), answer.pemCrc32c, 'public key');
      assertAlgorithm(String(answer.algorithm), algorithm);
      return parsePem(pem);
    },

    async sign(bytes, signal) {
      const { request, field } = requestOf(bytes, algorithm);
      const answer = await callGoogle(signal, (call) => client.asymmetricSign({ name, ...request }, call), timeoutMs);
      const signature = bytesOf(answer.signature);
      if (answer.name !== name) {
        throw new SignerError('integrity_failed', {
          detail: 'Google Cloud KMS signed with another key than it was asked to',
        });
      }
      if (answer[field] !== true) {
        throw new SignerError('integrity_failed', {
          detail: 'Google Cloud KMS did not check the checksum of what it signed',
        });
      }
      assertChecksum(signature, answer.signatureCrc32c, 'signature');
      const traits = traitsOf(algorithm);
      return traits.family === 'ec' ? derToConcatenated(signature, traits.signatureBytes) : signature;
    },

    close: () => client.close(),
  };
}

function assertAlgorithm(found: string, algorithm: SigningAlgorithm): void {
  const expected = ALGORITHM_NAMES[algorithm];
  if (expected === undefined) {
    throw new SignerError('mechanism_unsupported', { detail: `Google Cloud KMS has no keys for ${algorithm}` });
  }
  if (!expected.test(found)) {
    throw new SignerError('key_mismatch', {
      detail: `the key version is for ${found}, and ${algorithm} is configured`,
    });
  }
}

function parsePem(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw new SignerError('answer_malformed', {
      detail: 'Google Cloud KMS answered with something that is not a public key',
    });
  }
}

function requestOf(bytes: Uint8Array, algorithm: SigningAlgorithm) {
  const traits = traitsOf(algorithm);
  if (traits.family === 'ec' || traits.family === 'rsa') {
    const digest = digestOf(bytes, traits.hash);
    return {
      request: { digest: { [traits.hash]: digest }, digestCrc32c: { value: crc32c(digest) } },
      field: 'verifiedDigestCrc32c',
    } as const;
  }
  return { request: { data: bytes, dataCrc32c: { value: crc32c(bytes) } }, field: 'verifiedDataCrc32c' } as const;
}
