import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
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
