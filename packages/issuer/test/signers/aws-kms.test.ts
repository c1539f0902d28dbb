/** Signatures by AWS KMS through its official client, against a server that speaks its protocol and really signs. */
import { Secret } from '@sealgate/service';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SignerConfig } from '../../src/signers/config.ts';
import { type ExternalSigner } from '../../src/signers/external-signer.ts';
import { openSigner } from '../../src/signers/open-signer.ts';
import type { SigningAlgorithm } from '../../src/signers/signing-algorithm.ts';
import {
  ACCESS_KEY_ID,
  type AwsKey,
  type AwsKmsServer,
  REGION,
  SECRET_ACCESS_KEY,
  startAwsKmsServer,
} from './aws-kms-server.ts';
import { expectGoodTokens } from './jws-check.ts';
import { privateKeyFor } from './softhsm.ts';
import type { Answer, Fault } from './store-server.ts';

const RSA = ['RSASSA_PKCS1_V1_5_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_384', 'RSASSA_PKCS1_V1_5_SHA_512'].concat([
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
]);

const keys = {
  es256: {
    privateKey: privateKeyFor('ES256'),
    keySpec: 'ECC_NIST_P256',
    algorithms: ['ECDSA_SHA_256'],
    alias: 'alias/sealgate',
  },
  es384: { privateKey: privateKeyFor('ES384'), keySpec: 'ECC_NIST_P384', algorithms: ['ECDSA_SHA_384'] },
  es512: { privateKey: privateKeyFor('ES512'), keySpec: 'ECC_NIST_P521', algorithms: ['ECDSA_SHA_512'] },
  rsa: { privateKey: privateKeyFor('RS256'), keySpec: 'RSA_2048', algorithms: RSA },
  ed25519: {
    privateKey: privateKeyFor('EdDSA'),
    keySpec: 'ECC_NIST_EDWARDS25519',
    algorithms: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
  },
  mldsa44: { privateKey: privateKeyFor('ML-DSA-44'), keySpec: 'ML_DSA_44', algorithms: ['ML_DSA_SHAKE_256'] },
  mldsa65: { privateKey: privateKeyFor('ML-DSA-65'), keySpec: 'ML_DSA_65', algorithms: ['ML_DSA_SHAKE_256'] },
  mldsa87: { privateKey: privateKeyFor('ML-DSA-87'), keySpec: 'ML_DSA_87', algorithms: ['ML_DSA_SHAKE_256'] },
  disabled: {
    privateKey: privateKeyFor('ES256'),
    keySpec: 'ECC_NIST_P256',
    algorithms: ['ECDSA_SHA_256'],
    state: 'Disabled',
  },
  deleted: {
    privateKey: privateKeyFor('ES256'),
    keySpec: 'ECC_NIST_P256',
    algorithms: ['ECDSA_SHA_256'],
    state: 'PendingDeletion',
  },
  forbidden: {
    privateKey: privateKeyFor('ES256'),
    keySpec: 'ECC_NIST_P256',
    algorithms: ['ECDSA_SHA_256'],
    forbidden: true,
  },
  symmetric: { keySpec: 'SYMMETRIC_DEFAULT', algorithms: [] },
} satisfies Record<string, AwsKey>;

let server: AwsKmsServer;
beforeAll(async () => {
  server = await startAwsKmsServer(keys);
});
afterAll(() => server.close());

interface Overrides {
  algorithm?: SigningAlgorithm;
  timeout?: number;
  awsKms?: Partial<NonNullable<SignerConfig['awsKms']>>;
}

function configOf({ awsKms = {}, ...rest }: Overrides = {}): SignerConfig {
  const credentials = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: Secret.of(SECRET_ACCESS_KEY) };
  return {
    algorithm: 'ES256',
    timeout: 5000,
    awsKms: { keyId: 'es256', region: REGION, endpoint: server.endpoint, credentials, ...awsKms },
    ...rest,
  };
}

async function open(overrides?: Overrides): Promise<ExternalSigner> {
  const signer = await openSigner(configOf(overrides));
  onTestFinished(() => signer.close());
  return signer;
}

const MESSAGE = Buffer.from('a message');
const awsError = (type: string, status = 400): Answer => ({
  status,
  body: { __type: type, message: 'as told by the test' },
});

describe('signatures by AWS KMS', () => {
  it.each<[SigningAlgorithm, keyof typeof keys]>([
    ['ES256', 'es256'],
    ['ES384', 'es384'],
    ['ES512', 'es512'],
    ['RS256', 'rsa'],
    ['RS512', 'rsa'],
    ['PS256', 'rsa'],
    ['PS384', 'rsa'],
    ['EdDSA', 'ed25519'],
    ['Ed25519', 'ed25519'],
    ['ML-DSA-44', 'mldsa44'],
    ['ML-DSA-65', 'mldsa65'],
    ['ML-DSA-87', 'mldsa87'],
  ])('%s: any verifier accepts them', async (algorithm, keyId) => {
    await expectGoodTokens(await open({ algorithm, awsKms: { keyId } }));
  });

  it('are made of digests: a token’s content stays here', async () => {
    server.messageTypes.length = 0;
    await open();
    await open({ algorithm: 'PS256', awsKms: { keyId: 'rsa' } });
    await open({ algorithm: 'ML-DSA-65', awsKms: { keyId: 'mldsa65' } });
    expect(server.messageTypes).toEqual(['DIGEST', 'DIGEST', 'EXTERNAL_MU']);
  });

  it('reuse their connections', async () => {
    const signer = await open();
    const before = server.connections();
    for (let index = 0; index < 5; index += 1) await signer.sign(MESSAGE);
    expect(server.connections() - before).toBeLessThanOrEqual(1);
  });

  it('stay with the key that an alias stood for', async () => {
    const byAlias = await open({ awsKms: { keyId: 'alias/sealgate' } });
    const byId = await open();
    expect(byAlias.kid).toBe(byId.kid);
    expect(byAlias.name).toBe('aws-kms:alias/sealgate');
  });

  it('use the identity that the SDK finds, where none is configured', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', ACCESS_KEY_ID);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET_ACCESS_KEY);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await expectGoodTokens(await open({ awsKms: { credentials: undefined } }));
  });

  it('with Ed25519 have a limit, which AWS sets', async () => {
    const signer = await open({ algorithm: 'Ed25519', awsKms: { keyId: 'ed25519' } });
    await expect(signer.sign(Buffer.alloc(4096))).resolves.toHaveLength(64);
    await expect(signer.sign(Buffer.alloc(4097))).rejects.toMatchObject({ code: 'message_too_large' });
  });

  it('with ML-DSA have none', async () => {
    const signer = await open({ algorithm: 'ML-DSA-44', awsKms: { keyId: 'mldsa44' } });
    await expect(signer.sign(Buffer.alloc(10_000))).resolves.toHaveLength(2420);
  });
});

describe('what is wrong is said before the first token', () => {
  it.each<[string, Overrides, string]>([
    ['no such key', { awsKms: { keyId: 'nobody' } }, 'key_not_found'],
    ['a disabled key', { awsKms: { keyId: 'disabled' } }, 'key_unusable'],
    ['a key about to be deleted', { awsKms: { keyId: 'deleted' } }, 'key_unusable'],
    ['a key that the caller may not use', { awsKms: { keyId: 'forbidden' } }, 'key_not_permitted'],
    ['a key that does not sign', { awsKms: { keyId: 'symmetric' } }, 'key_mismatch'],
    ['another curve', { algorithm: 'ES384' }, 'key_mismatch'],
    ['another type of key', { algorithm: 'RS256' }, 'key_mismatch'],
    ['another curve with the same digest', { algorithm: 'ES256K' }, 'key_mismatch'],
    [
      'another size of ML-DSA, which AWS names alike',
      { algorithm: 'ML-DSA-65', awsKms: { keyId: 'mldsa44' } },
      'key_mismatch',
    ],
    ['another region’s endpoint', { awsKms: { region: 'us-east-1' } }, 'credentials_refused'],
    ['another region’s key', { awsKms: { keyId: 'arn:aws:kms:us-east-1:111122223333:key/es256' } }, 'options_invalid'],
    ['nobody listening', { awsKms: { endpoint: 'http://127.0.0.1:1' } }, 'unreachable'],
  ])('%s', async (_what, overrides, code) => {
    await expect(openSigner(configOf(overrides))).rejects.toMatchObject({ name: 'SignerError', code });
  });

  it.each<[string, Partial<NonNullable<NonNullable<SignerConfig['awsKms']>['credentials']>>]>([
    ['an unknown access key', { accessKeyId: 'AKIDNOBODY' }],
    ['a wrong secret', { secretAccessKey: Secret.of('not-the-secret') }],
  ])('%s, without saying it', async (_what, wrong) => {
    const credentials = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: Secret.of(SECRET_ACCESS_KEY), ...wrong };
    const error: unknown = await openSigner(configOf({ awsKms: { credentials } })).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'SignerError', code: 'credentials_refused' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(
      credentials.secretAccessKey.reveal(),
    );
  });

  it('the client is not installed', async () => {
    const absent = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(openSigner(configOf(), { awsKms: () => Promise.reject(absent) })).rejects.toThrow(
      /run "npm install @aws-sdk\/client-kms"/u,
    );
  });
});

describe('AWS KMS in trouble', () => {
  it.each<[string, Fault]>([
    ['throttled', awsError('ThrottlingException')],
    ['an internal error', awsError('KMSInternalException', 500)],
    ['unavailable', awsError('ServiceUnavailable', 503)],
    ['a dropped connection', 'reset'],
  ])('%s, once: nobody notices', async (_what, fault) => {
    const signer = await open();
    server.failNext(fault);
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it.each<[string, Fault, string]>([
    ['throttled', awsError('ThrottlingException'), 'throttled'],
    ['internal errors', awsError('KMSInternalException', 500), 'service_failed'],
    ['dropped connections', 'reset', 'unreachable'],
    ['no answer', 'hang', 'timeout'],
  ])('%s, lastingly: a typed error, in bounded time and tries', async (_what, fault, code) => {
    // The SDK waits longer before it tries a throttled request again.
    const signer = await open({ timeout: code === 'throttled' ? 3000 : 1000 });
    server.failAlways(fault);
    onTestFinished(() => server.failAlways(undefined));
    const before = server.count();
    const started = performance.now();
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code, signer: 'aws-kms:es256', passing: true });
    expect(performance.now() - started).toBeLessThan(4000);
    expect(server.count() - before).toBeLessThanOrEqual(3);
    server.failAlways(undefined);
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it.each<[string, AwsKey['forge'], string]>([
    [
      'a signature with one bit changed',
      (signature) => signature.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
      'integrity_failed',
    ],
    ['something that is no signature', () => Buffer.from('hello'), 'answer_malformed'],
  ])('%s never becomes a token', async (_what, forge, code) => {
    const key: AwsKey = keys.es256;
    const signer = await open();
    key.forge = forge;
    onTestFinished(() => {
      delete key.forge;
    });
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code });
  });
});
