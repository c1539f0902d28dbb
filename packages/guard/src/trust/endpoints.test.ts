import { describe, expect, it } from 'vitest';
import { GuardError } from '../errors.ts';
import { basicAuthorization } from './client-credential.ts';
import { metadataUrls } from './discovery.ts';
import { parseEndpointUrl } from './endpoint-url.ts';

describe('a URL that a verifier may talk to', () => {
  it.each([
    'https://id.test',
    'http://127.0.0.1:4000',
    'http://127.9.9.9/',
    'http://localhost:1',
    'http://a.localhost',
    'http://[::1]:1',
  ])('is %s', (url) => expect(parseEndpointUrl(url, 'url').href).toContain(url));

  it.each([
    ['http://id.test', 'endpoint_insecure'],
    ['http://127.0.0.1.evil.test', 'endpoint_insecure'],
    ['http://localhost.evil.test', 'endpoint_insecure'],
    ['http://10.0.0.1', 'endpoint_insecure'],
    ['http://0.0.0.0', 'endpoint_insecure'],
    ['ftp://id.test', 'endpoint_insecure'],
    ['file:///etc/passwd', 'endpoint_insecure'],
    ['https://user:secret@id.test', 'options_invalid'],
    ['id.test', 'options_invalid'],
    ['', 'options_invalid'],
  ])('is not %j', (url, code) => {
    const act = (): URL => parseEndpointUrl(url, 'issuers.main.url');
    expect(act).toThrow(GuardError);
    expect(act).toThrow(expect.objectContaining({ code, path: 'issuers.main.url' }));
    expect(act).not.toThrow(/secret/);
  });
});

describe('where metadata is looked for', () => {
  it.each([
    [
      'https://id.test',
      ['https://id.test/.well-known/oauth-authorization-server', 'https://id.test/.well-known/openid-configuration'],
    ],
    [
      'https://id.test/',
      ['https://id.test/.well-known/oauth-authorization-server', 'https://id.test/.well-known/openid-configuration'],
    ],
    [
      // RFC 8414 section 3.1 inserts; OpenID Connect Discovery section 4.1 appends.
      'https://id.test/realms/acme',
      [
        'https://id.test/.well-known/oauth-authorization-server/realms/acme',
        'https://id.test/realms/acme/.well-known/openid-configuration',
      ],
    ],
  ])('of %s', (issuer, urls) => expect(metadataUrls(issuer).map(({ href }) => href)).toEqual(urls));
});

describe('client_secret_basic (RFC 6749 section 2.3.1)', () => {
  it.each([
    ['orders', 's3cret', 'orders:s3cret'],
    ['a:b', 'c d', 'a%3Ab:c+d'],
    ['ü', '%&+=', '%C3%BC:%25%26%2B%3D'],
  ])('encodes %s and %s', (id, secret, plain) => {
    expect(basicAuthorization({ id, secret })).toBe(`Basic ${Buffer.from(plain).toString('base64')}`);
  });
});
