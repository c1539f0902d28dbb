/** From configuration to a signer: loads the client of the key store that is named, and opens the key in it. */
import type * as Koffi from 'koffi';
import type * as AzureIdentity from '@azure/identity';
import type * as KeyVaultKeys from '@azure/keyvault-keys';
import type * as GoogleKms from '@google-cloud/kms';
import type * as AwsKms from '@aws-sdk/client-kms';
import { assertRegion, createAwsClient } from './aws-client.ts';
import { awsKmsDriver } from './aws-kms.ts';
import { type AzureTransport, createAzureClient, createAzureCredential, parseAzureKeyUrl } from './azure-client.ts';
import { azureKeyVaultDriver } from './azure-key-vault.ts';
import type { SignerConfig } from './config.ts';
import { type ExternalSigner, type SignerDriver, openExternalSigner } from './external-signer.ts';
import { createGoogleClient } from './google-client.ts';
import { googleKmsDriver } from './google-kms.ts';
import { loadOptionalPackage } from './optional-package.ts';
import { pkcs11Driver } from './pkcs11/driver.ts';
import { loadCryptoki } from './pkcs11/native.ts';
import { SignerError } from './signer-error.ts';

/** How the optional packages are imported, and what no configuration says; tests hand in others. */
export interface SignerDependencies {
  readonly koffi?: () => Promise<typeof Koffi>;
  readonly awsKms?: () => Promise<typeof AwsKms>;
  readonly googleKms?: () => Promise<typeof GoogleKms>;
  readonly azureKeys?: () => Promise<typeof KeyVaultKeys>;
  readonly azureIdentity?: () => Promise<typeof AzureIdentity>;
  readonly azureTransport?: AzureTransport;
}

/**
 * Opens the signer that the configuration names. Its key is there, is for the algorithm, and has made one signature, when this
 * returns.
 *
 * @throws {SignerError}
 */
export async function openSigner(config: SignerConfig, dependencies: SignerDependencies = {}): Promise<ExternalSigner> {
  return openExternalSigner(await createDriver(config, dependencies), config.algorithm, config.timeout);
}

async function createDriver(config: SignerConfig, dependencies: SignerDependencies): Promise<SignerDriver> {
  const { algorithm, timeout: timeoutMs } = config;
  if (config.pkcs11 !== undefined) {
    const { module, token, serial, key, keyId, pin, sessions } = config.pkcs11;
    return pkcs11Driver(await loadCryptoki(module, dependencies.koffi), {
      token: { label: token, serial },
      key: { label: key, id: keyId === undefined ? undefined : Buffer.from(keyId, 'hex') },
      pin: () => pin.reveal(),
      algorithm,
      sessions,
      closeTimeoutMs: timeoutMs,
    });
  }
  if (config.awsKms !== undefined) {
    const { keyId, region } = config.awsKms;
    assertRegion(keyId, region);
    const kms = await loadOptionalPackage(
      '@aws-sdk/client-kms',
      dependencies.awsKms ?? (() => import('@aws-sdk/client-kms')),
    );
    return awsKmsDriver(kms, createAwsClient(kms, config.awsKms), { keyId, algorithm });
  }
  if (config.googleKms !== undefined) {
    const kms = await loadOptionalPackage(
      '@google-cloud/kms',
      dependencies.googleKms ?? (() => import('@google-cloud/kms')),
    );
    const { keyVersion } = config.googleKms;
    return googleKmsDriver(await createGoogleClient(kms, config.googleKms), { keyVersion, algorithm, timeoutMs });
  }
  if (config.azureKeyVault !== undefined) {
    const { key: keyUrl } = config.azureKeyVault;
    const { vaultUrl } = parseAzureKeyUrl(keyUrl);
    const transport = dependencies.azureTransport ?? {};
    const keys = await loadOptionalPackage(
      '@azure/keyvault-keys',
      dependencies.azureKeys ?? (() => import('@azure/keyvault-keys')),
    );
    const identity = await loadOptionalPackage(
      '@azure/identity',
      dependencies.azureIdentity ?? (() => import('@azure/identity')),
    );
    const credential = createAzureCredential(identity, config.azureKeyVault, transport);
    return azureKeyVaultDriver(createAzureClient(keys, vaultUrl, credential, transport), {
      keyUrl,
      algorithm,
    });
  }
  throw new SignerError('options_invalid', { detail: 'no key store is named' });
}
