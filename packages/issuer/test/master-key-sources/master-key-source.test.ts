/** The master key from its plain sources and from each key store, against servers that speak their protocols and really encrypt. */
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret, secret } from '@sealgate/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type WrappedMasterKeyConfig, wrappedMasterKeySchema } from '../../src/master-key-sources/config.ts';
import { createMasterKeySource, wrapMasterKey } from '../../src/master-key-sources/master-key-source.ts';
import { systemRuntime } from '../../src/runtime.ts';
import { MasterKey } from '../../src/secrets/master-key.ts';
import type { KeyStoreDependencies } from '../../src/signers/key-store-dependencies.ts';
import {
  ACCESS_KEY_ID,
  type AwsKmsServer,
  REGION,
  SECRET_ACCESS_KEY,
  startAwsKmsServer,
} from '../signers/aws-kms-server.ts';
import {
  type AzureVaultServer,
  CLIENT_ID,
  CLIENT_SECRET,
  TENANT,
  keyUrl,
  startAzureVaultServer,
} from '../signers/azure-key-vault-server.ts';
import { type GoogleKey, type GoogleKmsServer, keyName, startGoogleKmsServer } from '../signers/google-kms-server.ts';
import { privateKeyFor } from '../signers/softhsm.ts';
import type { StoreServer } from '../signers/store-server.ts';

const googleKeys = {
  master: { algorithm: 'GOOGLE_SYMMETRIC_ENCRYPTION' },
  other: { algorithm: 'GOOGLE_SYMMETRIC_ENCRYPTION' },
} satisfies Record<string, GoogleKey>;

let aws: AwsKmsServer;
let google: GoogleKmsServer;
let azure: AzureVaultServer;
let folder: string;
let file: string;

beforeAll(async () => {
  aws = await startAwsKmsServer({
    master: { keySpec: 'SYMMETRIC_DEFAULT', algorithms: [], alias: 'alias/master' },
    other: { keySpec: 'SYMMETRIC_DEFAULT', algorithms: [] },
    disabled: { keySpec: 'SYMMETRIC_DEFAULT', algorithms: [], state: 'Disabled' },
  });
  google = await startGoogleKmsServer(googleKeys);
  azure = await startAzureVaultServer({
    master: { privateKey: privateKeyFor('RS256'), operations: ['wrapKey', 'unwrapKey'] },
    other: { privateKey: privateKeyFor('RS256'), operations: ['wrapKey', 'unwrapKey'] },
  });
});
afterAll(() => Promise.all([aws.close(), google.close(), azure.close()]));

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-master-key-'));
  file = path.join(folder, 'master.key.wrapped');
  return () => rmSync(folder, { recursive: true });
});

const dependencies = (): KeyStoreDependencies => ({ azureTransport: { agent: azure.agent } });

const awsConfig = (keyId = 'alias/master'): WrappedMasterKeyConfig => ({
  wrapped: file,
  timeout: 2000,
  awsKms: {
    keyId,
    region: REGION,
    endpoint: aws.endpoint,
    credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: Secret.of(SECRET_ACCESS_KEY) },
  },
});
const googleConfig = (key = 'master'): WrappedMasterKeyConfig => ({
  wrapped: file,
  timeout: 2000,
  googleKms: { key: keyName(key), endpoint: google.endpoint, credentials: Secret.of(google.credentials) },
});
const azureConfig = (key = 'master'): WrappedMasterKeyConfig => ({
  wrapped: file,
  timeout: 2000,
  azureKeyVault: {
    key: new URL('.', keyUrl(key)).href.slice(0, -1),
    credentials: { tenantId: TENANT, clientId: CLIENT_ID, clientSecret: Secret.of(CLIENT_SECRET) },
  },
});

const open = (config: WrappedMasterKeyConfig | Secret): Promise<MasterKey> =>
  createMasterKeySource(config, systemRuntime, dependencies()).open();

/** What tells one master key from another without showing it. */
const fingerprint = (key: MasterKey): string => key.derive('test').toString('hex');

const STORES: readonly [string, (key?: string) => WrappedMasterKeyConfig, () => StoreServer][] = [
  ['AWS KMS', awsConfig, () => aws],
  ['Google Cloud KMS', googleConfig, () => google],
  ['Azure Key Vault', azureConfig, () => azure],
];

describe.each(STORES)('a master key wrapped by %s', (_store, configOf, server) => {
  it('is made on first start, and the same ever after', async () => {
    const first = await open(configOf());
    const content = readFileSync(file, 'utf8');
    const again = await open(configOf());
    expect(fingerprint(again)).toBe(fingerprint(first));
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('is one, when two processes start at once', async () => {
    const [left, right] = await Promise.all([open(configOf()), open(configOf())]);
    expect(fingerprint(left)).toBe(fingerprint(right));
  });

  it('can be one that exists already', async () => {
    const bytes = systemRuntime.random(32);
    await wrapMasterKey(bytes, configOf(), dependencies());
    expect(fingerprint(await open(configOf()))).toBe(fingerprint(new MasterKey(bytes)));
    await expect(wrapMasterKey(systemRuntime.random(32), configOf(), dependencies())).rejects.toMatchObject({
      code: 'master_key_malformed',
    });
    expect(fingerprint(await open(configOf()))).toBe(fingerprint(new MasterKey(bytes)));
  });

  it('is nothing to another key of the same store', async () => {
    await open(configOf());
    await expect(open(configOf('other'))).rejects.toMatchObject({ name: 'SignerError', passing: false });
  });

  it('is nothing once its file was altered', async () => {
    await open(configOf());
    const content = JSON.parse(readFileSync(file, 'utf8')) as { wrapped: string };
    const altered = Buffer.from(content.wrapped, 'base64url');
    altered[altered.length - 3] = (altered[altered.length - 3] ?? 0) ^ 1;
    writeFileSync(file, JSON.stringify({ ...content, wrapped: altered.toString('base64url') }));
    await expect(open(configOf())).rejects.toMatchObject({ name: 'SignerError', passing: false });
  });

  it('stops the start, with a typed error in bounded time, while its store does not answer', async () => {
    await open(configOf());
    server().failAlways('hang');
    onTestFinished(() => server().failAlways(undefined));
    await expect(open({ ...configOf(), timeout: 300 })).rejects.toMatchObject({ code: 'timeout', passing: true });
  });

  it('is never in its file, nor in an error', async () => {
    const bytes = systemRuntime.random(32);
    await wrapMasterKey(bytes, configOf(), dependencies());
    const content = readFileSync(file);
    expect(content.includes(Buffer.from(bytes).toString('base64url'))).toBe(false);
    expect(content.includes(Buffer.from(bytes).toString('base64'))).toBe(false);
  });
});

describe('what is wrong is said', () => {
  it('a key that may not be used now', async () => {
    await expect(open(awsConfig('disabled'))).rejects.toMatchObject({
      code: 'key_unusable',
      signer: 'aws-kms:disabled',
    });
  });

  it('a key of another region', async () => {
    const config = awsConfig('arn:aws:kms:us-east-1:111122223333:key/master');
    await expect(open(config)).rejects.toMatchObject({ code: 'options_invalid' });
  });

  it('a file of another key store', async () => {
    await open(awsConfig());
    await expect(open(googleConfig())).rejects.toMatchObject({ name: 'IssuerError', code: 'master_key_malformed' });
  });

  it.each([
    ['no JSON', 'hello'],
    ['another version', '{"version":2}'],
    ['a plain master key', `${'A'.repeat(43)}\n`],
  ])('a file that is %s', async (_what, content) => {
    writeFileSync(file, content);
    await expect(open(awsConfig())).rejects.toMatchObject({ name: 'IssuerError', code: 'master_key_malformed' });
  });

  it.each<[string, GoogleKey['tamper']]>([
    ['of the master key', (answer) => ({ ...answer, plaintextCrc32c: '1' })],
    ['of the wrapped key', (answer) => ({ ...answer, ciphertextCrc32c: '1', plaintextCrc32c: '1' })],
  ])('a checksum %s that does not fit', async (_what, tamper) => {
    const key: GoogleKey = googleKeys.master;
    key.tamper = tamper;
    onTestFinished(() => {
      key.tamper = undefined;
    });
    await expect(open(googleConfig())).rejects.toMatchObject({ code: 'integrity_failed' });
  });

  it('a master key of Azure that another vault’s key is said to have wrapped', async () => {
    await open(azureConfig());
    const content = readFileSync(file, 'utf8').replace('acme.vault.azure.net', 'evil.vault.azure.net');
    writeFileSync(file, content);
    await expect(open(azureConfig())).rejects.toMatchObject({ code: 'key_mismatch' });
  });
});

describe('the configuration of a wrapped master key', () => {
  it('names exactly one key store', () => {
    const awsKms = { keyId: 'alias/master', region: REGION };
    const googleKms = { key: keyName('master') };
    expect(wrappedMasterKeySchema.parse({ wrapped: '/data/k', awsKms })).toMatchObject({
      wrapped: '/data/k',
      timeout: 10_000,
    });
    expect(wrappedMasterKeySchema.safeParse({ wrapped: '/data/k' }).success).toBe(false);
    expect(wrappedMasterKeySchema.safeParse({ wrapped: '/data/k', awsKms, googleKms }).success).toBe(false);
    expect(wrappedMasterKeySchema.safeParse({ wrapped: '/data/k', googleKms: { key: 'master' } }).success).toBe(false);
  });
});

const secretAt = (reference: string): Secret => secret({ mayBeCreated: true }).parse(reference);

describe('a plain master key', () => {
  it('comes from a file that is made for its owner alone, and from a variable', async () => {
    const plain = path.join(folder, 'master.key');
    const fromFile = await open(secretAt(`file:${plain}`));
    const text = readFileSync(plain, 'utf8').trim();
    expect(fingerprint(await open(Secret.of(text)))).toBe(fingerprint(fromFile));
  });

  it('is refused where others can read it', async () => {
    const plain = path.join(folder, 'master.key');
    await open(secretAt(`file:${plain}`));
    const copy = path.join(folder, 'copy.key');
    copyFileSync(plain, copy);
    chmodSync(copy, 0o644);
    await expect(open(secretAt(`file:${copy}`))).rejects.toMatchObject({ code: 'master_key_exposed' });
  });
});
