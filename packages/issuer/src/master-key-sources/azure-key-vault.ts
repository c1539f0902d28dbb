/**
 * The master key under an RSA key of Azure Key Vault (`wrapKey`, `unwrapKey` with RSA-OAEP-256). The service has no additional
 * data to bind a purpose with: give the key no other one.
 */
import type { KeyClient } from '@azure/keyvault-keys';
import { askAzure, fetchAzureKey, parseAzureKeyUrl } from '../signers/azure-client.ts';
import { SignerError } from '../signers/signer-error.ts';
import type { KeyWrapper } from './key-wrapper.ts';

const ALGORITHM = 'RSA-OAEP-256';

/** @param keyUrl - `https://VAULT.vault.azure.net/keys/NAME[/VERSION]`. Without a version the newest wraps; the one that wrapped unwraps. */
export function azureKeyWrapper(client: KeyClient, keyUrl: string): KeyWrapper {
  const configured = parseAzureKeyUrl(keyUrl);
  return {
    store: 'azureKeyVault',
    name: `azure-key-vault:${new URL(keyUrl).host}/${configured.name}`,

    async wrap(plaintext, abortSignal) {
      const { id, operations } = await fetchAzureKey(client, configured, abortSignal);
      const { result } = await askAzure(operations.wrapKey(ALGORITHM, plaintext, { abortSignal }));
      return { key: id, bytes: result };
    },

    async unwrap({ key, bytes }, abortSignal) {
      const recorded = parseAzureKeyUrl(key);
      const { vaultUrl, name, version } = configured;
      // Only the version is the file's to say: another key could be one of whoever wrote the file.
      if (
        recorded.vaultUrl !== vaultUrl ||
        recorded.name !== name ||
        (version ?? recorded.version) !== recorded.version
      ) {
        throw new SignerError('key_mismatch', { detail: `the master key was wrapped by another key: ${key}` });
      }
      const { operations } = await fetchAzureKey(client, recorded, abortSignal);
      return (await askAzure(operations.unwrapKey(ALGORITHM, bytes, { abortSignal }))).result;
    },

    close: () => Promise.resolve(),
  };
}
