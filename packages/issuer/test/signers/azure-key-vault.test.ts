/** Signatures by Azure Key Vault through its official client, against a server that speaks its protocol and really signs. */
import { Agent } from 'node:https';
import { Secret } from '@sealgate/service';
import { signJwt, verifyJws } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SignerConfig } from '../../src/signers/config.ts';
import type { ExternalSigner } from '../../src/signers/external-signer.ts';
import type { KeyStoreDependencies } from '../../src/signers/key-store-dependencies.ts';
import { openSigner } from '../../src/signers/open-signer.ts';
import type { SigningAlgorithm } from '../../src/signers/signing-algorithm.ts';
import {
  type AzureVaultKey,
  type AzureVaultServer,
  CLIENT_ID,
  CLIENT_SECRET,
  IDENTITY_HEADER,
  IDENTITY_HOST,
  TENANT,
  keyUrl,
  startAzureVaultServer,
} from './azure-key-vault-server.ts';
import { expectGoodTokens } from './jws-check.ts';
import { privateKeyFor } from './softhsm.ts';
import type { Fault } from './store-server.ts';

const keys = {
  p256: { privateKey: privateKeyFor('ES256') },
  p384: { privateKey: privateKeyFor('ES384'), hsm: true },
  p521: { privateKey: privateKeyFor('ES512') },
  p256k: { privateKey: privateKeyFor('ES256K') },
  rsa: { privateKey: privateKeyFor('RS256') },
  rsaHsm: { privateKey: privateKeyFor('RS256'), hsm: true },
  wrapping: { privateKey: privateKeyFor('RS256'), operations: ['wrapKey', 'unwrapKey'] },
  disabled: { privateKey: privateKeyFor('ES256'), enabled: false },
  expired: { privateKey: privateKeyFor('ES256'), forbidden: 'KeyExpired' },
  forbidden: { privateKey: privateKeyFor('ES256'), forbidden: 'ForbiddenByRbac' },
} satisfies Record<string, AzureVaultKey>;

let server: AzureVaultServer;
beforeAll(async () => {
  server = await startAzureVaultServer(keys);
});
afterAll(() => server.close());

interface Overrides {
  algorithm?: SigningAlgorithm;
  timeout?: number;
  azureKeyVault?: Partial<NonNullable<SignerConfig['azureKeyVault']>>;
}

function configOf({ azureKeyVault = {}, ...rest }: Overrides = {}): SignerConfig {
  const credentials = { tenantId: TENANT, clientId: CLIENT_ID, clientSecret: Secret.of(CLIENT_SECRET) };
  return {
    algorithm: 'ES256',
    timeout: 5000,
    azureKeyVault: { key: keyUrl('p256'), credentials, ...azureKeyVault },
    ...rest,
  };
}

const dependencies = (): KeyStoreDependencies => ({ azureTransport: { agent: server.agent } });

async function open(overrides?: Overrides): Promise<ExternalSigner> {
  const signer = await openSigner(configOf(overrides), dependencies());
  onTestFinished(() => signer.close());
  return signer;
}

const MESSAGE = Buffer.from('a message');
const azureError = (status: number, code: string) => ({
  status,
  body: { error: { code, message: 'as told by the test' } },
});

describe('signatures by Azure Key Vault', () => {
  it.each<[SigningAlgorithm, keyof typeof keys]>([
    ['ES256', 'p256'],
    ['ES384', 'p384'],
    ['ES512', 'p521'],
    ['RS256', 'rsa'],
    ['RS384', 'rsaHsm'],
    ['RS512', 'rsa'],
    ['PS256', 'rsa'],
    ['PS384', 'rsa'],
    ['PS512', 'rsaHsm'],
  ])('%s: any verifier accepts them', async (algorithm, key) => {
    await expectGoodTokens(await open({ algorithm, azureKeyVault: { key: keyUrl(key) } }));
  });

  it('ES256K, which jose leaves out', async () => {
    const signer = await open({ algorithm: 'ES256K', azureKeyVault: { key: keyUrl('p256k') } });
    const token = await signJwt({ sub: 'u-1' }, { key: signer });
    expect(verifyJws(token, [signer.publicKey]).header.kid).toBe(signer.kid);
  });

  it('without a version use the newest, and stay with it', async () => {
    const newest = await open({ azureKeyVault: { key: new URL('.', keyUrl('p256')).href.slice(0, -1) } });
    expect(newest.kid).toBe((await open()).kid);
    expect(newest.name).toBe('azure-key-vault:acme.vault.azure.net/p256');
  });

  it('use the managed identity, where no other is configured', async () => {
    vi.stubEnv('IDENTITY_ENDPOINT', `https://${IDENTITY_HOST}/msi/token`);
    vi.stubEnv('IDENTITY_HEADER', IDENTITY_HEADER);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await expectGoodTokens(await open({ azureKeyVault: { credentials: undefined } }));
  });

  it('reuse their token and their connections', async () => {
    const signer = await open();
    const [requests, connections] = [server.count(), server.connections()];
    for (let index = 0; index < 5; index += 1) await signer.sign(MESSAGE);
    expect(server.count() - requests).toBe(5);
    expect(server.connections() - connections).toBeLessThanOrEqual(1);
  });
});

describe('what is wrong is said before the first token', () => {
  it.each<[string, Overrides, string]>([
    ['no such key', { azureKeyVault: { key: keyUrl('nobody') } }, 'key_not_found'],
    ['a disabled key', { azureKeyVault: { key: keyUrl('disabled') } }, 'key_unusable'],
    ['an expired key', { azureKeyVault: { key: keyUrl('expired') } }, 'key_unusable'],
    ['a key that the caller may not use', { azureKeyVault: { key: keyUrl('forbidden') } }, 'key_not_permitted'],
    ['a key that does not sign', { algorithm: 'RS256', azureKeyVault: { key: keyUrl('wrapping') } }, 'key_mismatch'],
    ['another curve', { algorithm: 'ES384' }, 'key_mismatch'],
    ['another type of key', { algorithm: 'RS256' }, 'key_mismatch'],
    ['an algorithm that Azure does not have', { algorithm: 'EdDSA' }, 'mechanism_unsupported'],
    [
      'a URL that names no key',
      { azureKeyVault: { key: 'https://acme.vault.azure.net/secrets/x' } },
      'options_invalid',
    ],
    ['a URL without TLS', { azureKeyVault: { key: 'http://acme.vault.azure.net/keys/p256' } }, 'options_invalid'],
  ])('%s', async (_what, overrides, code) => {
    await expect(openSigner(configOf(overrides), dependencies())).rejects.toMatchObject({ name: 'SignerError', code });
  });

  it('a wrong client secret, without saying it', async () => {
    const clientSecret = Secret.of('not-the-secret-of-anybody');
    const credentials = { tenantId: TENANT, clientId: CLIENT_ID, clientSecret };
    const error: unknown = await openSigner(configOf({ azureKeyVault: { credentials } }), dependencies()).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ name: 'SignerError', code: 'credentials_refused' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(clientSecret.reveal());
  });

  it('a challenge that would send the token elsewhere is not followed', async () => {
    server.challengeResource = 'https://vault.evil.test';
    onTestFinished(() => {
      server.challengeResource = 'https://vault.azure.net';
    });
    await expect(openSigner(configOf(), dependencies())).rejects.toMatchObject({ code: 'answer_malformed' });
  });

  it('a certificate of nobody we know', async () => {
    const agent = new Agent();
    agent.createConnection = (options, done) =>
      server.agent.createConnection({ ...options, servername: 'other.example' }, done);
    const error = openSigner(configOf(), { azureTransport: { agent } });
    await expect(error).rejects.toMatchObject({ code: 'unreachable' });
  });

  it.each(['azureKeys', 'azureIdentity'] as const)('the client is not installed: %s', async (which) => {
    const absent = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(openSigner(configOf(), { [which]: () => Promise.reject(absent) })).rejects.toThrow(
      /run "npm install @azure\/(?:keyvault-keys|identity)"/u,
    );
  });
});

describe('Azure Key Vault in trouble', () => {
  it.each<[string, Fault]>([
    // The SDK tries again when it is told when.
    ['throttled', { ...azureError(429, 'Throttled'), headers: { 'retry-after-ms': '20' } }],
    ['an internal error', azureError(500, 'InternalServerError')],
    ['unavailable', azureError(503, 'ServiceUnavailable')],
    ['a dropped connection', 'reset'],
  ])('%s, once: nobody notices', async (_what, fault) => {
    const signer = await open();
    server.failNext(fault);
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it.each<[string, Fault, string]>([
    ['throttled', azureError(429, 'Throttled'), 'throttled'],
    ['internal errors', azureError(500, 'InternalServerError'), 'service_failed'],
    ['dropped connections', 'reset', 'unreachable'],
    ['no answer', 'hang', 'timeout'],
  ])('%s, lastingly: a typed error, in bounded time and tries', async (_what, fault, code) => {
    const signer = await open({ timeout: code === 'timeout' ? 1000 : 2000 });
    server.failAlways(fault);
    onTestFinished(() => server.failAlways(undefined));
    const before = server.count();
    const started = performance.now();
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code, passing: true });
    expect(performance.now() - started).toBeLessThan(3000);
    expect(server.count() - before).toBeLessThanOrEqual(3);
    server.failAlways(undefined);
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it('a signature with one bit changed never becomes a token', async () => {
    const key: AzureVaultKey = keys.p256;
    const signer = await open();
    key.forge = (signature) => signature.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
    onTestFinished(() => {
      key.forge = undefined;
    });
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'integrity_failed' });
  });
});
