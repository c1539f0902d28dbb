/** From configuration to a signer: loads the client of the key store that is named, and opens the key in it. */
import { assertRegion } from './aws-client.ts';
import { awsKmsDriver } from './aws-kms.ts';
import { azureKeyVaultDriver } from './azure-key-vault.ts';
import type { SignerConfig } from './config.ts';
import { type ExternalSigner, type SignerDriver, openExternalSigner } from './external-signer.ts';
import { googleKmsDriver } from './google-kms.ts';
import { connectAws, connectAzure, connectGoogle } from './key-store-clients.ts';
import type { KeyStoreDependencies } from './key-store-dependencies.ts';
import { pkcs11Driver } from './pkcs11/driver.ts';
import { loadCryptoki } from './pkcs11/native.ts';
import { SignerError } from './signer-error.ts';

/**
 * Opens the signer that the configuration names. Its key is there, is for the algorithm, and has made one signature, when this
 * returns.
 *
 * @throws {SignerError}
 */
export async function openSigner(
  config: SignerConfig,
  dependencies: KeyStoreDependencies = {},
): Promise<ExternalSigner> {
  return openExternalSigner(await createDriver(config, dependencies), config.algorithm, config.timeout);
}

async function createDriver(config: SignerConfig, dependencies: KeyStoreDependencies): Promise<SignerDriver> {
  const { algorithm, timeout: timeoutMs, pkcs11, awsKms, googleKms, azureKeyVault } = config;
  if (pkcs11 !== undefined) {
    const { module, token, serial, key, keyId, pin, sessions } = pkcs11;
    return pkcs11Driver(await loadCryptoki(module, dependencies.koffi), {
      token: { label: token, serial },
      key: { label: key, id: keyId === undefined ? undefined : Buffer.from(keyId, 'hex') },
      pin: () => pin.reveal(),
      algorithm,
      sessions,
      closeTimeoutMs: timeoutMs,
    });
  }
  if (awsKms !== undefined) {
    const { keyId, region } = awsKms;
    assertRegion(keyId, region);
    const { kms, client } = await connectAws(awsKms, dependencies);
    return awsKmsDriver(kms, client, { keyId, algorithm });
  }
  if (googleKms !== undefined) {
    const { keyVersion } = googleKms;
    return googleKmsDriver(await connectGoogle(googleKms, dependencies), { keyVersion, algorithm, timeoutMs });
  }
  if (azureKeyVault !== undefined) {
    return azureKeyVaultDriver(await connectAzure(azureKeyVault, dependencies), {
      keyUrl: azureKeyVault.key,
      algorithm,
    });
  }
  throw new SignerError('options_invalid', { detail: 'no key store is named' });
}
