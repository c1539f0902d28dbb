/**
 * Every key store with two ES256 keys to sign with and one key for master keys: SoftHSM2, and a server for each cloud. As configuration has
 * them: what stands in `keys.signers` and `keys.masterKey`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { IssuerConfigInput, KeyStoreDependencies } from '../../src/index.ts';
import { ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, startAwsKmsServer } from './aws-kms-server.ts';
import { CLIENT_ID, CLIENT_SECRET, TENANT, keyUrl, startAzureVaultServer } from './azure-key-vault-server.ts';
import { keyName, startGoogleKmsServer, versionName } from './google-kms-server.ts';
import { PIN, createSoftHsm, privateKeyFor } from './softhsm.ts';
import type { Fault } from './store-server.ts';

type Keys = NonNullable<IssuerConfigInput['keys']>;
export type SignerInput = NonNullable<Keys['signers']>[number];

export interface KeyStore {
  readonly dependencies: KeyStoreDependencies;
  signer(key: 'first' | 'second' | 'absent'): SignerInput;
  /** Undefined where it wraps no master keys. */
  readonly masterKey: Exclude<Keys['masterKey'], string>;
  /** Every request fails so, until it is taken back; undefined for SoftHSM, which has no requests. */
  readonly fail: ((fault: Fault | undefined) => void) | undefined;
  close(): Promise<void>;
}

export interface KeyStoreKind {
  readonly name: string;
  /** @param folder - Where secrets are put that a configuration refers to. */
  start(folder: string): Promise<KeyStore>;
}

const timeout = '2s';

export const KEY_STORE_KINDS: readonly KeyStoreKind[] = [
  {
    name: 'SoftHSM2',
    start: async (folder) => {
      const hsm = createSoftHsm();
      const pin = secretFile(folder, 'pin', PIN);
      hsm.addToken('sealgate');
      for (const [index, label] of ['first', 'second'].entries()) {
        hsm.addKey('sealgate', label, `a${index}`, privateKeyFor('ES256'));
      }
      return {
        dependencies: {},
        signer: (key) => ({
          algorithm: 'ES256',
          timeout,
          pkcs11: { module: hsm.modulePath, token: 'sealgate', pin, key },
        }),
        masterKey: undefined,
        fail: undefined,
        close: async () => hsm.dispose(),
      };
    },
  },
  {
    name: 'AWS KMS',
    start: async (folder) => {
      const key = () => ({
        privateKey: privateKeyFor('ES256'),
        keySpec: 'ECC_NIST_P256',
        algorithms: ['ECDSA_SHA_256'],
      });
      const master = { keySpec: 'SYMMETRIC_DEFAULT', algorithms: [] };
      const server = await startAwsKmsServer({ first: key(), second: key(), master });
      const access = {
        region: REGION,
        endpoint: server.endpoint,
        credentials: {
          accessKeyId: ACCESS_KEY_ID,
          secretAccessKey: secretFile(folder, 'aws-secret', SECRET_ACCESS_KEY),
        },
      };
      return {
        dependencies: {},
        signer: (keyId) => ({ algorithm: 'ES256', timeout, awsKms: { keyId, ...access } }),
        masterKey: { wrapped: 'master.key.wrapped', timeout, awsKms: { keyId: 'master', ...access } },
        fail: (fault) => server.failAlways(fault),
        close: () => server.close(),
      };
    },
  },
  {
    name: 'Google Cloud KMS',
    start: async (folder) => {
      const key = () => ({ privateKey: privateKeyFor('ES256'), algorithm: 'EC_SIGN_P256_SHA256' as const });
      const master = { algorithm: 'GOOGLE_SYMMETRIC_ENCRYPTION' as const };
      const server = await startGoogleKmsServer({ first: key(), second: key(), master });
      const access = {
        endpoint: server.endpoint,
        credentials: secretFile(folder, 'google-account', server.credentials),
      };
      return {
        dependencies: {},
        signer: (key) => ({ algorithm: 'ES256', timeout, googleKms: { keyVersion: versionName(key), ...access } }),
        masterKey: { wrapped: 'master.key.wrapped', timeout, googleKms: { key: keyName('master'), ...access } },
        fail: (fault) => server.failAlways(fault),
        close: () => server.close(),
      };
    },
  },
  {
    name: 'Azure Key Vault',
    start: async (folder) => {
      const key = () => ({ privateKey: privateKeyFor('ES256') });
      const master = { privateKey: privateKeyFor('RS256'), operations: ['wrapKey', 'unwrapKey'] };
      const server = await startAzureVaultServer({ first: key(), second: key(), master });
      const clientSecret = secretFile(folder, 'azure-secret', CLIENT_SECRET);
      const access = { credentials: { tenantId: TENANT, clientId: CLIENT_ID, clientSecret } };
      return {
        dependencies: { azureTransport: { agent: server.agent } },
        signer: (key) => ({ algorithm: 'ES256', timeout, azureKeyVault: { key: keyUrl(key), ...access } }),
        masterKey: {
          wrapped: 'master.key.wrapped',
          timeout,
          azureKeyVault: { key: keyUrl('master', undefined), ...access },
        },
        fail: (fault) => server.failAlways(fault),
        close: () => server.close(),
      };
    },
  },
];

/** @returns the reference to it. */
function secretFile(folder: string, name: string, value: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, value, { mode: 0o600 });
  return `file:${file}`;
}
