/** Signatures by Google Cloud KMS through its official client, against a server that speaks its protocol and really signs. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret } from '@sealgate/service';
import { signJwt, verifyJws } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SignerConfig } from '../../src/signers/config.ts';
import type { ExternalSigner } from '../../src/signers/external-signer.ts';
import { openSigner } from '../../src/signers/open-signer.ts';
import type { SigningAlgorithm } from '../../src/signers/signing-algorithm.ts';
import { type GoogleKey, type GoogleKmsServer, startGoogleKmsServer, versionName } from './google-kms-server.ts';
import { expectGoodTokens } from './jws-check.ts';
import { privateKeyFor } from './softhsm.ts';
import type { Answer, Fault } from './store-server.ts';

const keys = {
  p256: { privateKey: privateKeyFor('ES256'), algorithm: 'EC_SIGN_P256_SHA256' },
  p384: { privateKey: privateKeyFor('ES384'), algorithm: 'EC_SIGN_P384_SHA384' },
  k256: { privateKey: privateKeyFor('ES256K'), algorithm: 'EC_SIGN_SECP256K1_SHA256' },
  pkcs1: { privateKey: privateKeyFor('RS256'), algorithm: 'RSA_SIGN_PKCS1_2048_SHA256' },
  pss: { privateKey: privateKeyFor('RS256'), algorithm: 'RSA_SIGN_PSS_2048_SHA256' },
  pss512: { privateKey: privateKeyFor('RS256'), algorithm: 'RSA_SIGN_PSS_4096_SHA512' },
  ed25519: { privateKey: privateKeyFor('EdDSA'), algorithm: 'EC_SIGN_ED25519' },
  disabled: { privateKey: privateKeyFor('ES256'), algorithm: 'EC_SIGN_P256_SHA256', disabled: true },
  forbidden: { privateKey: privateKeyFor('ES256'), algorithm: 'EC_SIGN_P256_SHA256', forbidden: true },
} satisfies Record<string, GoogleKey>;

let server: GoogleKmsServer;
beforeAll(async () => {
  server = await startGoogleKmsServer(keys);
});
afterAll(() => server.close());

interface Overrides {
  algorithm?: SigningAlgorithm;
  timeout?: number;
  key?: string;
  googleKms?: Partial<NonNullable<SignerConfig['googleKms']>>;
}

function configOf({ googleKms = {}, key = 'p256', ...rest }: Overrides = {}): SignerConfig {
  const credentials = Secret.of(server.credentials);
  return {
    algorithm: 'ES256',
    timeout: 5000,
    googleKms: { keyVersion: versionName(key), endpoint: server.endpoint, credentials, ...googleKms },
    ...rest,
  };
}

async function open(overrides?: Overrides): Promise<ExternalSigner> {
  const signer = await openSigner(configOf(overrides));
  onTestFinished(() => signer.close());
  return signer;
}

const MESSAGE = Buffer.from('a message');
const googleError = (status: number, code: string): Answer => ({
  status,
  body: { error: { code: status, status: code, message: 'as told by the test' } },
});

describe('signatures by Google Cloud KMS', () => {
  it.each<[SigningAlgorithm, keyof typeof keys]>([
    ['ES256', 'p256'],
    ['ES384', 'p384'],
    ['RS256', 'pkcs1'],
    ['PS256', 'pss'],
    ['PS512', 'pss512'],
    ['EdDSA', 'ed25519'],
    ['Ed25519', 'ed25519'],
  ])('%s: any verifier accepts them', async (algorithm, key) => {
    await expectGoodTokens(await open({ algorithm, key }));
  });

  it('ES256K, which jose leaves out', async () => {
    const signer = await open({ algorithm: 'ES256K', key: 'k256' });
    const token = await signJwt({ sub: 'u-1' }, { key: signer });
    expect(verifyJws(token, [signer.publicKey]).header.kid).toBe(signer.kid);
  });

  it('use the identity that Google’s library finds, where none is configured', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-google-'));
    const file = path.join(folder, 'account.json');
    writeFileSync(file, server.credentials);
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    await expectGoodTokens(await open({ googleKms: { credentials: undefined } }));
  });

  it('reuse their connections', async () => {
    const signer = await open();
    const before = server.connections();
    for (let index = 0; index < 5; index += 1) await signer.sign(MESSAGE);
    expect(server.connections() - before).toBeLessThanOrEqual(1);
  });
});

describe('what is wrong is said before the first token', () => {
  it.each<[string, Overrides, string]>([
    ['no such key', { key: 'nobody' }, 'key_not_found'],
    ['a disabled key', { key: 'disabled' }, 'key_unusable'],
    ['a key that the caller may not use', { key: 'forbidden' }, 'key_not_permitted'],
    ['another curve', { algorithm: 'ES384' }, 'key_mismatch'],
    ['another padding', { algorithm: 'RS256', key: 'pss' }, 'key_mismatch'],
    ['another digest', { algorithm: 'PS512', key: 'pss' }, 'key_mismatch'],
    ['an algorithm that Google does not have', { algorithm: 'ES512' }, 'mechanism_unsupported'],
    ['nobody listening', { googleKms: { endpoint: 'http://127.0.0.1:1' } }, 'unreachable'],
    [
      'credentials that are no key file',
      { googleKms: { credentials: Secret.of('{"type":"authorized_user"}') } },
      'options_invalid',
    ],
  ])('%s', async (_what, overrides, code) => {
    await expect(openSigner(configOf(overrides))).rejects.toMatchObject({ name: 'SignerError', code });
  });

  it('another account’s credentials, without saying them', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    const credentials = Secret.of(
      JSON.stringify({ type: 'service_account', client_email: 'x@acme.iam.gserviceaccount.com', private_key: pem }),
    );
    const error: unknown = await openSigner(configOf({ googleKms: { credentials } })).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'SignerError', code: 'credentials_refused' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(pem.slice(40, 80));
  });

  it('the client is not installed', async () => {
    const absent = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(openSigner(configOf(), { googleKms: () => Promise.reject(absent) })).rejects.toThrow(
      /run "npm install @google-cloud\/kms"/u,
    );
  });
});

describe('Google Cloud KMS in trouble', () => {
  it.each<[string, Fault]>([
    ['over quota', googleError(429, 'RESOURCE_EXHAUSTED')],
    ['an internal error', googleError(500, 'INTERNAL')],
    ['unavailable', googleError(503, 'UNAVAILABLE')],
    ['a dropped connection', 'reset'],
  ])('%s, once: nobody notices', async (_what, fault) => {
    const signer = await open();
    server.failNext(fault);
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it.each<[string, Fault, string]>([
    ['over quota', googleError(429, 'RESOURCE_EXHAUSTED'), 'throttled'],
    ['internal errors', googleError(500, 'INTERNAL'), 'service_failed'],
    ['unavailable', googleError(503, 'UNAVAILABLE'), 'unreachable'],
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

  it.each<[string, GoogleKey['tamper']]>([
    ['a checksum that is not the signature’s', (answer) => ({ ...answer, signatureCrc32c: '1' })],
    ['no checksum of the signature', ({ signatureCrc32c: _gone, ...answer }) => answer],
    ['a digest that Google did not check', ({ verifiedDigestCrc32c: _gone, ...answer }) => answer],
    ['another key version’s name', (answer) => ({ ...answer, name: versionName('p384') })],
  ])('%s never becomes a token', async (_what, tamper) => {
    const key: GoogleKey = keys.p256;
    const signer = await open();
    key.tamper = tamper;
    onTestFinished(() => {
      key.tamper = undefined;
    });
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'integrity_failed' });
  });
});
