/**
 * Signatures by AWS KMS (`kms:GetPublicKey`, `kms:Sign`; AWS KMS API Reference, both actions), through `@aws-sdk/client-kms`.
 *
 * The digest is made here (`MessageType: DIGEST`), so a token's content never leaves. Two algorithms sign the message itself:
 * Ed25519, for which AWS accepts at most 4096 bytes; and ML-DSA, for which what is sent is the message representative
 * (`EXTERNAL_MU`, FIPS 204 section 6.2), computed here.
 */
import type * as AwsKms from '@aws-sdk/client-kms';
import { type KeyObject, createHash, createPublicKey } from 'node:crypto';
import type { GetPublicKeyCommandOutput, KMSClient, SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import { awsFailure } from './aws-client.ts';
import { derToConcatenated } from './der-signature.ts';
import type { SignerDriver } from './external-signer.ts';
import { SignerError } from './signer-error.ts';
import { type SigningAlgorithm, digestOf, traitsOf } from './signing-algorithm.ts';

/** AWS's own bound on `Message` of `Sign`. */
const LARGEST_RAW_MESSAGE_BYTES = 4096;

const NAMES: Readonly<Record<SigningAlgorithm, SigningAlgorithmSpec>> = {
  ES256: 'ECDSA_SHA_256',
  ES384: 'ECDSA_SHA_384',
  ES512: 'ECDSA_SHA_512',
  ES256K: 'ECDSA_SHA_256',
  RS256: 'RSASSA_PKCS1_V1_5_SHA_256',
  RS384: 'RSASSA_PKCS1_V1_5_SHA_384',
  RS512: 'RSASSA_PKCS1_V1_5_SHA_512',
  PS256: 'RSASSA_PSS_SHA_256',
  PS384: 'RSASSA_PSS_SHA_384',
  PS512: 'RSASSA_PSS_SHA_512',
  EdDSA: 'ED25519_SHA_512',
  Ed25519: 'ED25519_SHA_512',
  'ML-DSA-44': 'ML_DSA_SHAKE_256',
  'ML-DSA-65': 'ML_DSA_SHAKE_256',
  'ML-DSA-87': 'ML_DSA_SHAKE_256',
};

/**
 * @param keyId - Key id, key ARN, alias name (`alias/...`) or alias ARN. An alias is resolved once: the key it stood for when the
 *   signer opened is the one that signs, for its public key is the one that is published.
 */
export function awsKmsDriver(
  kms: typeof AwsKms,
  client: KMSClient,
  options: { readonly keyId: string; readonly algorithm: SigningAlgorithm },
): SignerDriver {
  const { keyId, algorithm } = options;
  const spec = NAMES[algorithm];
  let resolved: { readonly arn: string; readonly key: KeyObject } | undefined;

  const send = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw awsFailure(error);
    }
  };

  return {
    name: `aws-kms:${keyId}`,

    async publicKey(abortSignal) {
      const answer = await send(client.send(new kms.GetPublicKeyCommand({ KeyId: keyId }), { abortSignal }));
      const key = publicKeyOf(answer, spec, algorithm);
      resolved = { arn: answer.KeyId ?? keyId, key };
      return key;
    },

    async sign(bytes, abortSignal) {
      if (resolved === undefined) throw new TypeError('publicKey comes before sign');
      const command = new kms.SignCommand({
        KeyId: resolved.arn,
        SigningAlgorithm: spec,
        ...messageOf(bytes, algorithm, resolved.key),
      });
      const { Signature: signature, KeyId: signedWith } = await send(client.send(command, { abortSignal }));
      if (signature === undefined)
        throw new SignerError('answer_malformed', { detail: 'AWS KMS answered without a signature' });
      if (signedWith !== resolved.arn) {
        throw new SignerError('integrity_failed', { detail: 'AWS KMS signed with another key than it was asked to' });
      }
      const traits = traitsOf(algorithm);
      return traits.family === 'ec' ? derToConcatenated(signature, traits.signatureBytes) : signature;
    },

    close() {
      client.destroy();
      return Promise.resolve();
    },
  };
}

function publicKeyOf(answer: GetPublicKeyCommandOutput, spec: string, algorithm: SigningAlgorithm): KeyObject {
  const { PublicKey: der, KeyUsage: usage, SigningAlgorithms: offered = [] } = answer;
  if (usage !== 'SIGN_VERIFY' || !offered.some((name) => name === spec)) {
    throw new SignerError('key_mismatch', {
      detail: `the key (${answer.KeySpec ?? 'unknown'}) does not sign with ${algorithm}`,
    });
  }
  try {
    return createPublicKey({ key: Buffer.from(der ?? []), format: 'der', type: 'spki' });
  } catch {
    throw new SignerError('answer_malformed', { detail: 'AWS KMS answered with something that is not a public key' });
  }
}

function messageOf(
  bytes: Uint8Array,
  algorithm: SigningAlgorithm,
  key: KeyObject,
): { Message: Uint8Array; MessageType: 'DIGEST' | 'RAW' | 'EXTERNAL_MU' } {
  const traits = traitsOf(algorithm);
  if (traits.family === 'ec' || traits.family === 'rsa') {
    return { Message: digestOf(bytes, traits.hash), MessageType: 'DIGEST' };
  }
  if (traits.family === 'akp') return { Message: messageRepresentative(bytes, key), MessageType: 'EXTERNAL_MU' };
  if (bytes.length > LARGEST_RAW_MESSAGE_BYTES) {
    throw new SignerError('message_too_large', {
      detail: `AWS KMS signs at most ${LARGEST_RAW_MESSAGE_BYTES} bytes with Ed25519, and this token has ${bytes.length}`,
    });
  }
  return { Message: bytes, MessageType: 'RAW' };
}

/** `mu` of FIPS 204, algorithm 7 line 6, for pure ML-DSA with an empty context (RFC 9964). */
function messageRepresentative(bytes: Uint8Array, key: KeyObject): Buffer {
  const { pub = '' } = key.export({ format: 'jwk' }) as { readonly pub?: string };
  const shake = (...parts: Uint8Array[]): Buffer => {
    const hash = createHash('shake256', { outputLength: 64 });
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const publicKeyHash = shake(Buffer.from(pub, 'base64url'));
  return shake(publicKeyHash, Buffer.of(0, 0), bytes);
}
