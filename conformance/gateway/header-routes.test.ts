/** Routes that are chosen by header fields: what is matched is what is forwarded, and no header opens what its route does not. */
import { gatewayConfigSchema } from '@sealgate/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor, startGateway, type TestGateway } from './fixture.ts';
import { seenValues } from './origin.ts';
import { sendRaw } from './raw-http.ts';

let at: TestGateway;
beforeAll(async () => {
  at = await startGateway({
    defaults: { identity: { headers: { 'x-user-id': '/sub' } } },
    routes: [
      { name: 'plain', path: '/api/**', to: 'origin' },
      { name: 'two', path: '/api/**', to: 'origin', headers: { 'X-Api-Version': '2' }, rewrite: { path: '/v2/**' } },
      {
        name: 'vendor',
        path: '/api/**',
        to: 'origin',
        headers: { accept: { prefix: 'application/vnd.acme.' } },
        rewrite: { path: '/vnd/**' },
      },
      {
        name: 'beta',
        path: '/api/beta',
        to: 'origin',
        headers: { 'x-beta': { present: true } },
        require: { roles: ['beta'] },
        cors: { origins: ['https://app.test'], headers: ['x-beta'] },
      },
    ],
  });
});
afterAll(() => at.close());

const send = async (path: string, lines: readonly string[], method = 'GET') => {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: api.test', 'Connection: close', ...lines].join('\r\n');
  const { responses } = await sendRaw(at.port, `${head}\r\n\r\n`);
  return { ...responses[0], seen: at.origin.take() };
};
const bearer = (claims = {}) => `Authorization: Bearer ${at.issuer.token(claims)}`;

describe('a route is chosen', () => {
  it.each([
    ['by an exact value', ['x-api-version: 2'], '/v2/1'],
    ['by a beginning', ['Accept: application/vnd.acme.order+json'], '/vnd/1'],
    ['by the more exact of two', ['Accept: application/vnd.acme.x', 'X-API-VERSION: 2'], '/v2/1'],
    ['without, where the value is another', ['x-api-version: 20'], '/api/1'],
    ['without, where the value is repeated with another', ['x-api-version: 2', 'x-api-version: 1'], '/api/1'],
    [
      'without, where the header is named a hop of this connection',
      ['Connection: x-api-version', 'x-api-version: 2'],
      '/api/1',
    ],
  ])('%s', async (_what, lines, target) => {
    const { status, seen } = await send('/api/1', [bearer(), ...lines]);
    expect(status).toBe(200);
    expect(seen.map((request) => request.target)).toEqual([target]);
  });

  it('by one spelling: an upstream that folds names sees no other value (G2)', async () => {
    const { seen } = await send('/api/1', [bearer(), 'x-api-version: 2', 'X_Api_Version: 1', 'x.api.version: 3']);
    expect(seen.map((request) => request.target)).toEqual(['/v2/1']);
    expect(seenValues(seen[0]!, 'x-api-version')).toEqual(['2']);
  });

  it('and what it asks holds: the header is not enough', async () => {
    expect(await send('/api/beta', ['x-beta: 1'])).toMatchObject({ status: 401, seen: [] });
    expect(await send('/api/beta', ['x-beta: 1', bearer()])).toMatchObject({ status: 403, seen: [] });
    expect(await send('/api/beta', ['x-beta: 1', bearer({ roles: ['beta'] })])).toMatchObject({ status: 200 });
    expect(await send('/api/beta', [bearer()])).toMatchObject({ status: 200 });
  });

  it('for a preflight by path alone, which cannot send the header (G15)', async () => {
    const lines = [
      'Origin: https://app.test',
      'Access-Control-Request-Method: GET',
      'Access-Control-Request-Headers: x-beta',
    ];
    const { status, headers } = await send('/api/beta', lines, 'OPTIONS');
    expect([status, headers?.['access-control-allow-headers']]).toEqual([204, 'x-beta']);
  });
});

describe('people see it', () => {
  it('in the list of routes, in order', () => {
    expect(at.gateway.routes().map(({ name, headers = [] }) => [name, headers].flat())).toEqual([
      ['beta', 'x-beta: *'],
      ['two', 'x-api-version: 2'],
      ['vendor', 'accept: application/vnd.acme.*'],
      ['plain'],
    ]);
  });

  it('in an explanation', async () => {
    const { route, steps } = await at.gateway.explain({
      method: 'GET',
      url: '/api/1',
      headers: { 'x-api-version': '2' },
    });
    expect(route?.name).toBe('two');
    expect(steps[1]?.why).toBe('the route is "two", chosen by x-api-version: 2');
  });
});

describe('a configuration', () => {
  const faults = (headers: unknown, more = {}) => {
    const config = { ...configFor(at.origin.url, at.issuer.url), admin: 'http://127.0.0.1:0' };
    const raw = { listen: 'http://127.0.0.1:0', admin: config.admin, upstreams: { origin: { urls: [at.origin.url] } } };
    const routes = [{ path: '/**', to: 'origin', auth: 'none', headers, ...more }];
    return gatewayConfigSchema.safeParse({ ...raw, routes }).error?.issues.map(({ message }) => message) ?? [];
  };

  it.each([
    [{ authorization: 'x' }],
    [{ cookie: { present: true } }],
    [{ host: 'a' }],
    [{ 'x-forwarded-for': '10.0.0.1' }],
    [{ 'X-Real-IP': '10.0.0.1' }],
    [{ 'x-user-id': 'root' }],
    [{}],
    [{ 'x-a': '' }],
    [{ 'x-a': { prefix: 'a', present: true } }],
    [{ 'x-a': '1', 'X-A': '2' }],
    [{ x_a: '1' }],
  ])('with %j is refused', (headers) => {
    expect(faults(headers)).not.toEqual([]);
  });

  it('with a sensible header is not', () => {
    expect(faults({ 'x-api-version': '2', accept: { prefix: 'text/' }, 'x-beta': { present: true } })).toEqual([]);
  });
});
