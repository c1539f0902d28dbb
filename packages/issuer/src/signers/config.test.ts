import { describe, expect, it } from 'vitest';
import { withConfigContext } from '@sealgate/service';
import { signerConfigSchema } from './config.ts';

const environment = { PIN: '1234', SECRET: 'secret-access-key' };
const parse = (value: unknown) =>
  withConfigContext({ folder: '/etc/sealgate', environment }, () => signerConfigSchema.safeParse(value));

const pkcs11 = { module: 'softhsm.so', token: 'sealgate', pin: 'env:PIN', key: 'signing' };
const awsKms = { keyId: 'alias/sealgate', region: 'eu-central-1' };
const googleKms = { keyVersion: 'projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1' };
const azureKeyVault = { key: 'https://acme.vault.azure.net/keys/signing/0123456789abcdef0123456789abcdef' };

describe('the configuration of a signer', () => {
  it.each([{ pkcs11 }, { awsKms }, { googleKms }, { azureKeyVault }])('accepts %o', (store) => {
    const result = parse({ algorithm: 'ES256', ...store });
    expect(result.error?.issues).toBeUndefined();
    expect(result.data).toMatchObject({ algorithm: 'ES256', timeout: 5000 });
  });

  it('resolves paths and references, and prints no secret', () => {
    const { data } = parse({ algorithm: 'ES256', pkcs11 });
    expect(data?.pkcs11).toMatchObject({ module: '/etc/sealgate/softhsm.so', sessions: 4 });
    expect(data?.pkcs11?.pin.reveal()).toBe('1234');
    expect(JSON.stringify(data)).not.toContain('1234');
  });

  it.each<[string, unknown]>([
    ['no key store', { algorithm: 'ES256' }],
    ['two key stores', { algorithm: 'ES256', pkcs11, awsKms }],
    ['no algorithm', { awsKms }],
    ['a shared-secret algorithm', { algorithm: 'HS256', awsKms }],
    ['an unknown key', { algorithm: 'ES256', awsKms: { ...awsKms, regoin: 'x' } }],
    ['a token that is not named', { algorithm: 'ES256', pkcs11: { ...pkcs11, token: undefined } }],
    ['a key that is not named', { algorithm: 'ES256', pkcs11: { ...pkcs11, key: undefined } }],
    ['a key id that is not hexadecimal', { algorithm: 'ES256', pkcs11: { ...pkcs11, keyId: 'xyz' } }],
    ['a PIN in the file itself', { algorithm: 'ES256', pkcs11: { ...pkcs11, pin: '1234' } }],
    ['a region that is none', { algorithm: 'ES256', awsKms: { ...awsKms, region: 'Frankfurt' } }],
    [
      'an endpoint without TLS elsewhere',
      { algorithm: 'ES256', awsKms: { ...awsKms, endpoint: 'http://kms.example' } },
    ],
    [
      'a Google key without its version',
      { algorithm: 'ES256', googleKms: { keyVersion: 'projects/p/locations/l/keyRings/r/cryptoKeys/k' } },
    ],
  ])('refuses %s', (_what, value) => {
    expect(parse(value).success).toBe(false);
  });

  it('allows plain HTTP to this machine', () => {
    expect(parse({ algorithm: 'ES256', awsKms: { ...awsKms, endpoint: 'http://127.0.0.1:4566' } }).success).toBe(true);
  });
});
