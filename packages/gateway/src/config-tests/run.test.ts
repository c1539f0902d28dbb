import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../../conformance/gateway/certificates.ts';
import { gatewayConfigSchema } from '../config/schema.ts';
import { runConfigTests } from './run.ts';
import { configTestsSchema } from './schema.ts';

const config = gatewayConfigSchema.parse({
  listen: 'http://127.0.0.1:0',
  issuers: {
    main: {
      url: 'https://issuer.test/tenant',
      audience: ['https://api.test'],
      algorithms: ['ES256'],
      revocation: { feed: 'none' },
    },
    partner: { url: 'https://partner.test/', audience: ['orders'], algorithms: ['RS256'], typ: 'JWT' },
    keycloak: { url: 'https://id.test/realms/acme', audience: ['orders'], algorithms: ['ES256'], mapping: 'keycloak' },
  },
  upstreams: { orders: { urls: ['http://10.255.255.1:9000'], health: '/healthz' } },
  defaults: {
    identity: { headers: { 'x-user-id': '/sub', 'x-tenant-id': '/tenant' } },
    rateLimit: { by: 'ip', limit: 1, per: '1h' },
  },
  routes: [
    { path: '/health', to: 'orders', auth: 'none' },
    { path: '/orders/**', methods: ['GET'], to: 'orders', require: { scopes: ['orders:read'] } },
    { path: '/partner/**', to: 'orders', issuers: ['partner'] },
    { path: '/bound/**', to: 'orders', require: { senderConstrained: 'dpop' } },
    { path: '/staff/**', to: 'orders', issuers: ['keycloak'], require: { roles: ['staff'] } },
  ],
});

const run = async (test: unknown) => (await runConfigTests(config, configTestsSchema.parse([test])))[0]!.differences;

describe('tests of a configuration', () => {
  it.each<[string, unknown]>([
    ['open', { request: 'GET /health', expect: 200 }],
    ['without a token', { request: 'GET /orders/1', expect: { status: 401, code: 'token_missing' } }],
    ['with the scope', { request: 'GET /orders/1', token: { scope: 'orders:read' }, expect: 200 }],
    ['without the scope', { request: 'GET /orders/1', token: {}, expect: { status: 403, code: 'insufficient_scope' } }],
    ['expired', { request: 'GET /orders/1', token: 'expired', expect: 401 }],
    ['forged', { request: 'GET /orders/1', token: 'forged', expect: 401 }],
    ['an ambiguous path', { request: 'GET /orders/..%2fadmin', expect: { status: 400, code: 'path_ambiguous' } }],
    [
      'roles where the issuer puts them',
      { request: 'GET /staff/x', issuer: 'keycloak', token: { realm_access: { roles: ['staff'] } }, expect: 200 },
    ],
    ['roles elsewhere', { request: 'GET /staff/x', issuer: 'keycloak', token: { roles: ['staff'] }, expect: 403 }],
    ['another issuer', { request: 'GET /partner/x', issuer: 'partner', token: {}, expect: 200 }],
    ['an issuer that does not count here', { request: 'GET /partner/x', issuer: 'main', token: {}, expect: 401 }],
    [
      'identity',
      {
        request: 'GET /orders/1',
        headers: { 'x-user-id': 'root' },
        token: { scope: 'orders:read', sub: 'ann' },
        expect: { status: 200, headers: { 'x-user-id': 'ann', 'x-tenant-id': null } },
      },
    ],
    ['a bearer token where one bound to a key is asked for', { request: 'GET /bound/x', token: {}, expect: 401 }],
    ['a proof', { request: 'GET /bound/x?page=2', host: 'api.test:8443', token: {}, dpop: true, expect: 200 }],
    ['a proof for an expired token', { request: 'GET /bound/x', token: 'expired', dpop: true, expect: 401 }],
  ])('%s', async (_name, test) => {
    expect(await run(test)).toEqual([]);
  });

  it('prove with the nonce that the gateway asks for', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-tests-'));
    writeFileSync(path.join(folder, 'nonce.key'), 'n'.repeat(48));
    const asking = gatewayConfigSchema.parse({
      listen: 'http://127.0.0.1:0',
      issuers: { main: { url: 'https://issuer.test', audience: ['https://api.test'], algorithms: ['ES256'] } },
      dpop: { nonceSecret: `file:${path.join(folder, 'nonce.key')}` },
      upstreams: { orders: { urls: ['http://10.255.255.1:9000'] } },
      routes: [{ path: '/**', to: 'orders' }],
    });
    const tests = configTestsSchema.parse([{ request: 'POST /orders', token: {}, dpop: true, expect: 200 }]);
    expect((await runConfigTests(asking, tests))[0]).toMatchObject({ differences: [], passed: true });
    rmSync(folder, { recursive: true });
    expect(() => configTestsSchema.parse([{ request: 'GET /x', dpop: true, expect: 200 }])).toThrow('possession');
  });

  describe('show a client certificate (RFC 8705 section 3)', () => {
    const authority = createAuthority();
    const certificate = authority.issue('worker', []).certificate;
    const { raw } = new X509Certificate(readFileSync(certificate));
    const x5t = (octets: Buffer): string => createHash('sha256').update(octets).digest('base64url');
    const bound = { cnf: { 'x5t#S256': x5t(raw) } };
    afterAll(() => authority.remove());
    const asking = (forward: boolean) =>
      gatewayConfigSchema.parse({
        listen: 'https://127.0.0.1:0',
        tls: {
          certificates: [{ certificate: '/nowhere/a.pem', key: '/nowhere/a.key' }],
          clients: { ca: '/nowhere/ca.pem', forward },
        },
        issuers: { main: { url: 'https://issuer.test', audience: ['https://api.test'], algorithms: ['ES256'] } },
        upstreams: { orders: { urls: ['http://10.255.255.1:9000'] } },
        routes: [
          { path: '/health', to: 'orders', auth: 'none' },
          { path: '/orders/**', to: 'orders' },
          { path: '/payments/**', to: 'orders', require: { senderConstrained: 'mtls' } },
          { path: '/both/**', to: 'orders', require: { senderConstrained: 'any' } },
        ],
      });
    const differencesOf = async (forward: boolean, test: object) =>
      (await runConfigTests(asking(forward), configTestsSchema.parse([test])))[0]!.differences;
    const payment = 'GET /payments/1';

    it.each<[string, object]>([
      ['a token that is bound to it', { request: payment, certificate, token: {}, expect: 200 }],
      ['such a token without it', { request: payment, token: bound, expect: 401 }],
      ['on every route', { request: 'GET /orders/1', token: bound, expect: { status: 401, code: 'invalid_token' } }],
      [
        'a token that is bound to another',
        { request: payment, certificate, token: { cnf: { 'x5t#S256': x5t(Buffer.of(1)) } }, expect: 401 },
      ],
      ['a token that is bound to none', { request: payment, token: {}, expect: 401 }],
      ['an expired token', { request: payment, certificate, token: 'expired', expect: 401 }],
      ['a proof as well', { request: 'GET /both/1', certificate, token: {}, dpop: true, expect: 200 }],
      ['no token', { request: 'GET /health', certificate, expect: { status: 200, headers: { 'client-cert': null } } }],
    ])('%s', async (_name, test) => {
      expect(await differencesOf(false, test)).toEqual([]);
    });

    it('which upstreams are told where the file says so (RFC 9440), and nobody else can say', async () => {
      const told = { status: 200, headers: { 'client-cert': `:${raw.toString('base64')}:` } };
      expect(await differencesOf(true, { request: 'GET /health', certificate, expect: told })).toEqual([]);
      const forged = { request: 'GET /health', headers: { 'client-cert': ':AAAA:' } };
      const untold = { status: 200, headers: { 'client-cert': null } };
      expect(await differencesOf(true, { ...forged, expect: untold })).toEqual([]);
    });

    it('or say which file is none', async () => {
      const test = { request: payment, token: {}, expect: 200 };
      const gone = { ...test, certificate: '/nowhere/worker.pem' };
      expect(await differencesOf(false, gone)).toEqual(['/nowhere/worker.pem cannot be read (ENOENT)']);
      const key = certificate.replace(/pem$/u, 'key');
      expect(await differencesOf(false, { ...test, certificate: key })).toEqual([
        `${key} holds no certificate in PEM form`,
      ]);
    });
  });

  it('say what was otherwise', async () => {
    expect(await run({ request: 'GET /orders/1', expect: 200 })).toEqual([
      'expected status 200, got 401 (token_missing)',
    ]);
    const wrong = { request: 'GET /health', expect: { status: 200, headers: { 'x-user-id': 'ann' } } };
    expect(await run(wrong)).toEqual(['expected the upstream to see x-user-id: ann, it saw (none)']);
  });

  it('need nothing of what the gateway is served with: certificates, a proxy in front, HTTP/2 behind, a collector', async () => {
    const served = gatewayConfigSchema.parse({
      listen: 'https://0.0.0.0:443',
      tls: { certificates: [{ certificate: '/nowhere/a.pem', key: '/nowhere/a.key' }] },
      proxyProtocol: true,
      trustProxies: ['10.0.0.1'],
      tracing: { endpoint: 'http://127.0.0.1:9/v1/traces' },
      upstreams: { orders: { urls: ['https://orders.internal'], protocol: 'h2', tls: { ca: '/nowhere/ca.pem' } } },
      routes: [{ path: '/health', to: 'orders', auth: 'none' }],
    });
    const tests = configTestsSchema.parse([{ request: 'GET /health', expect: 200 }]);
    expect((await runConfigTests(served, tests)).map(({ differences }) => differences)).toEqual([[]]);
  });
});
