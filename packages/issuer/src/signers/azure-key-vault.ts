/**
 * Signatures by Azure Key Vault or Managed HSM (`GET /keys/{name}/{version}` and `POST .../sign` of its REST API), through
 * `@azure/keyvault-keys`.
 *
 * The service signs digests, made here, and answers in the form that a JWS has. It names its algorithms as JOSE does.
 */
import { type KeyObject, type webcrypto, createPublicKey } from 'node:crypto';
import type { KeyClient, JsonWebKey as VaultJwk } from '@azure/keyvault-keys';
import { type AzureKey, askAzure, fetchAzureKey, parseAzureKeyUrl } from './azure-client.ts';
import type { SignerDriver } from './external-signer.ts';
import { SignerError } from './signer-error.ts';
import { type DigestName, type SigningAlgorithm, digestOf, traitsOf } from './signing-algorithm.ts';

export function azureKeyVaultDriver(
  client: KeyClient,
  options: { readonly keyUrl: string; readonly algorithm: SigningAlgorithm },
): SignerDriver {
  const { keyUrl, algorithm } = options;
  const wanted = parseAzureKeyUrl(keyUrl);
  let fetched: AzureKey | undefined;
  return {
    name: `azure-key-vault:${new URL(keyUrl).host}/${wanted.name}`,

    async publicKey(signal) {
      digestNameOf(algorithm);
      fetched = await fetchAzureKey(client, wanted, signal);
      const { keyOperations, properties } = fetched.key;
      if (keyOperations !== undefined && !keyOperations.includes('sign')) {
        throw new SignerError('key_mismatch', {
          detail: 'the key’s permitted operations (key_ops) do not include "sign"',
        });
      }
      if (properties.enabled === false) throw new SignerError('key_unusable', { detail: 'the key is disabled' });
      return publicKeyOf(fetched.key.key);
    },

    async sign(bytes, abortSignal) {
      if (fetched === undefined) throw new TypeError('publicKey comes before sign');
      const digest = digestOf(bytes, digestNameOf(algorithm));
      const answer = await askAzure(fetched.operations.sign(algorithm, digest, { abortSignal }));
      return answer.result;
    },

    close: () => Promise.resolve(),
  };
}

function digestNameOf(algorithm: SigningAlgorithm): DigestName {
  const traits = traitsOf(algorithm);
  if (traits.family === 'ec' || traits.family === 'rsa') return traits.hash;
  throw new SignerError('mechanism_unsupported', { detail: `Azure Key Vault has no keys for ${algorithm}` });
}

/** Key Vault's form of a JWK: numbers as bytes, `-HSM` on the types of keys in hardware, its own name for secp256k1. */
function publicKeyOf(jwk: VaultJwk | undefined): KeyObject {
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64url');
  const kty = jwk?.kty?.replace(/-HSM$/u, '');
  const key: webcrypto.JsonWebKey =
    kty === 'EC'
      ? { kty, crv: jwk?.crv === 'P-256K' ? 'secp256k1' : (jwk?.crv ?? ''), x: text(jwk?.x), y: text(jwk?.y) }
      : { kty: kty ?? '', n: text(jwk?.n), e: text(jwk?.e) };
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    throw new SignerError('answer_malformed', {
      detail: 'Azure Key Vault answered with something that is not a public key',
    });
  }
}
