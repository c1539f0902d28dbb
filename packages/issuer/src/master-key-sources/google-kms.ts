/**
 * The master key under a symmetric key of Google Cloud KMS (`cryptoKeys.encrypt`, `.decrypt`), its purpose as additional
 * authenticated data. Every checksum of the protocol is sent and checked.
 */
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import { crc32c } from '../signers/crc32c.ts';
import { assertChecksum, bytesOf, callGoogle } from '../signers/google-client.ts';
import { SignerError } from '../signers/signer-error.ts';
import { type KeyWrapper, PURPOSE } from './key-wrapper.ts';

const CONTEXT = new TextEncoder().encode(PURPOSE);

/** @param name - `projects/P/locations/L/keyRings/R/cryptoKeys/K`. Its primary version wraps; the one that wrapped unwraps. */
export function googleKeyWrapper(client: KeyManagementServiceClient, name: string, timeoutMs: number): KeyWrapper {
  const common = {
    name,
    additionalAuthenticatedData: CONTEXT,
    additionalAuthenticatedDataCrc32c: { value: crc32c(CONTEXT) },
  };
  return {
    store: 'googleKms',
    name: `google-kms:${name.split('/').slice(-1).join()}`,

    async wrap(plaintext, signal) {
      const request = { ...common, plaintext, plaintextCrc32c: { value: crc32c(plaintext) } };
      const answer = await callGoogle(signal, (call) => client.encrypt(request, call), timeoutMs);
      const bytes = bytesOf(answer.ciphertext);
      if (answer.verifiedPlaintextCrc32c !== true || answer.verifiedAdditionalAuthenticatedDataCrc32c !== true) {
        throw new SignerError('integrity_failed', {
          detail: 'Google Cloud KMS did not check the checksums of what it wrapped',
        });
      }
      assertChecksum(bytes, answer.ciphertextCrc32c, 'wrapped key');
      return { key: answer.name ?? name, bytes };
    },

    async unwrap({ bytes }, signal) {
      const request = { ...common, ciphertext: bytes, ciphertextCrc32c: { value: crc32c(bytes) } };
      const answer = await callGoogle(signal, (call) => client.decrypt(request, call), timeoutMs);
      const plaintext = bytesOf(answer.plaintext);
      assertChecksum(plaintext, answer.plaintextCrc32c, 'master key');
      return plaintext;
    },

    close: () => client.close(),
  };
}
