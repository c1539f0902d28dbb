/** From configuration to a key wrapper: loads the client of the key store that is named. */
import { assertRegion } from '../signers/aws-client.ts';
import { connectAws, connectAzure, connectGoogle } from '../signers/key-store-clients.ts';
import type { KeyStoreDependencies } from '../signers/key-store-dependencies.ts';
import { SignerError } from '../signers/signer-error.ts';
import { awsKeyWrapper } from './aws-kms.ts';
import { azureKeyWrapper } from './azure-key-vault.ts';
import type { WrappedMasterKeyConfig } from './config.ts';
import { googleKeyWrapper } from './google-kms.ts';
import type { KeyWrapper } from './key-wrapper.ts';

/** @throws {SignerError} `package_missing`, `options_invalid`. */
export async function createKeyWrapper(
  config: WrappedMasterKeyConfig,
  dependencies: KeyStoreDependencies,
): Promise<KeyWrapper> {
  const { awsKms, googleKms, azureKeyVault, timeout } = config;
  if (awsKms !== undefined) {
    assertRegion(awsKms.keyId, awsKms.region);
    const { kms, client } = await connectAws(awsKms, dependencies);
    return awsKeyWrapper(kms, client, awsKms.keyId);
  }
  if (googleKms !== undefined) {
    return googleKeyWrapper(await connectGoogle(googleKms, dependencies), googleKms.key, timeout);
  }
  if (azureKeyVault !== undefined) {
    return azureKeyWrapper(await connectAzure(azureKeyVault, dependencies), azureKeyVault.key);
  }
  throw new SignerError('options_invalid', { detail: 'no key store is named' });
}
