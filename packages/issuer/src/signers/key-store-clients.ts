/** The clients of the clouds' key stores, imported when a configuration names one. Used for signers and for the master key. */
import type * as AwsKms from '@aws-sdk/client-kms';
import type * as AzureIdentity from '@azure/identity';
import type { KeyClient } from '@azure/keyvault-keys';
import type * as KeyVaultKeys from '@azure/keyvault-keys';
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import type * as GoogleKms from '@google-cloud/kms';
import { type AwsAccess, createAwsClient } from './aws-client.ts';
import { type AzureAccess, createAzureClient, createAzureCredential, parseAzureKeyUrl } from './azure-client.ts';
import { type GoogleAccess, createGoogleClient } from './google-client.ts';
import type { KeyStoreDependencies } from './key-store-dependencies.ts';
import { loadOptionalPackage } from './optional-package.ts';

/** @throws {SignerError} `package_missing`. */
export async function connectAws(
  access: AwsAccess,
  dependencies: KeyStoreDependencies,
): Promise<{ kms: typeof AwsKms; client: AwsKms.KMSClient }> {
  const load = dependencies.awsKms ?? (() => import('@aws-sdk/client-kms'));
  const kms = await loadOptionalPackage<typeof AwsKms>('@aws-sdk/client-kms', load);
  return { kms, client: createAwsClient(kms, access) };
}

/** @throws {SignerError} `package_missing`, `options_invalid`. */
export async function connectGoogle(
  access: GoogleAccess,
  dependencies: KeyStoreDependencies,
): Promise<KeyManagementServiceClient> {
  const load = dependencies.googleKms ?? (() => import('@google-cloud/kms'));
  return createGoogleClient(await loadOptionalPackage<typeof GoogleKms>('@google-cloud/kms', load), access);
}

/** @throws {SignerError} `package_missing`, `options_invalid`. */
export async function connectAzure(
  access: AzureAccess & { readonly key: string },
  dependencies: KeyStoreDependencies,
): Promise<KeyClient> {
  const { vaultUrl } = parseAzureKeyUrl(access.key);
  const loadKeys = dependencies.azureKeys ?? (() => import('@azure/keyvault-keys'));
  const loadIdentity = dependencies.azureIdentity ?? (() => import('@azure/identity'));
  const keys = await loadOptionalPackage<typeof KeyVaultKeys>('@azure/keyvault-keys', loadKeys);
  const identity = await loadOptionalPackage<typeof AzureIdentity>('@azure/identity', loadIdentity);
  const transport = dependencies.azureTransport ?? {};
  return createAzureClient(keys, vaultUrl, createAzureCredential(identity, access, transport), transport);
}
