/** ATTACKS.md G13: a configuration that does not mean what it seems to mean is refused, with the place; a bad reload changes nothing. */
import { gatewayConfigSchema } from '@sealgate/gateway';
import { ConfigError, parseConfigText } from '@sealgate/service';
import { describe, expect, it } from 'vitest';
import { configFor, startGateway, type RawConfig } from './fixture.ts';

const BASE: RawConfig = {
  listen: 'http://127.0.0.1:0',
  issuers: { main: { url: 'https://issuer.test', audience: ['a'], algorithms: ['ES256'] } },
  upstreams: { orders: { urls: ['http://127.0.0.1:9000'] } },
  routes: [{ path: '/orders/**', to: 'orders', require: { scopes: ['orders:read'] } }],
};

const faults = (overrides: RawConfig): string[] => {
  const result = gatewayConfigSchema.safeParse({ ...BASE, ...overrides });
  return result.success ? [] : result.error.issues.map(({ path }) => path.join('.'));
};

const route = (more: RawConfig) => ({ path: '/orders/**', to: 'orders', ...more });

describe('G13: refused', () => {
  it.each<[string, RawConfig, string]>([
    ['an unknown key', { rutes: [] }, ''],
    ['an unknown key in a route', { routes: [route({ scope: 'x' })] }, 'routes.0'],
    ['an unknown upstream', { routes: [route({ to: 'order' })] }, 'routes.0.to'],
    [
      'an unused upstream',
      { upstreams: { orders: { urls: ['http://127.0.0.1:9000'] }, old: { urls: ['http://127.0.0.1:1'] } } },
      'upstreams.old',
    ],
    ['an unknown issuer', { routes: [route({ issuers: ['mian'] })] }, 'routes.0.issuers'],
    ['no issuer at all', { issuers: {} }, 'routes.0.auth'],
    [
      'an algorithm that is none',
      { issuers: { main: { url: 'https://i.test', audience: ['a'], algorithms: ['none'] } } },
      'issuers.main.algorithms.0',
    ],
    [
      'a shared secret algorithm',
      { issuers: { main: { url: 'https://i.test', audience: ['a'], algorithms: ['HS256'] } } },
      'issuers.main.algorithms.0',
    ],
    [
      'no audience',
      { issuers: { main: { url: 'https://i.test', audience: [], algorithms: ['ES256'] } } },
      'issuers.main.audience',
    ],
    ['a path with dots', { routes: [route({ path: '/orders/../x' })] }, 'routes.0.path'],
    ['a path with a half wildcard', { routes: [route({ path: '/orders*' })] }, 'routes.0.path'],
    [
      'two routes for one request',
      { routes: [route({ methods: ['GET'] }), route({ methods: ['GET', 'POST'] })] },
      'routes.1.path',
    ],
    ['an unknown canary', { routes: [route({ canary: { to: 'next', weight: 5 } })] }, 'routes.0.canary'],
    ['a canary of nobody', { routes: [route({ canary: { to: 'orders' } })] }, 'routes.0.canary'],
    ['a prefix that is not there', { routes: [route({ rewrite: { stripPrefix: '/order' } })] }, 'routes.0.rewrite'],
    ['a template with a stranger', { routes: [route({ rewrite: { path: '/{id}/**' } })] }, 'routes.0.rewrite'],
    [
      'a template that no request could have',
      { routes: [route({ rewrite: { path: '/a/../b' } })] },
      'routes.0.rewrite',
    ],
    [
      'an identity header set',
      { routes: [route({ requestHeaders: { set: { X_User_Id: 'x' } } })] },
      'routes.0.requestHeaders.set.X_User_Id',
    ],
    [
      'the identity header set',
      { routes: [route({ requestHeaders: { set: { 'X-User-Id': 'x' } } })] },
      'routes.0.requestHeaders',
    ],
    [
      'a hop-by-hop header set',
      { routes: [route({ requestHeaders: { set: { Connection: 'x' } } })] },
      'routes.0.requestHeaders.set.Connection',
    ],
    [
      'a forwarding header set',
      { routes: [route({ requestHeaders: { set: { 'X-Forwarded-For': 'x' } } })] },
      'routes.0.requestHeaders.set.X-Forwarded-For',
    ],
    [
      'a value with a line break',
      { routes: [route({ requestHeaders: { set: { 'X-A': 'x\r\nX-B: y' } } })] },
      'routes.0.requestHeaders.set.X-A',
    ],
    [
      'framing set in answers',
      { routes: [route({ responseHeaders: { set: { 'Content-Length': '1' } } })] },
      'routes.0.responseHeaders.set.Content-Length',
    ],
    ['a range with stray bits', { access: { allow: ['10.0.0.1/8'] } }, 'access.allow.0'],
    ['a password in the URL of the store', { limits: { store: 'redis://:word@localhost:6379' } }, 'limits.store'],
    ['internal tokens without keys', { routes: [route({ identity: { mode: 'internal' } })] }, 'routes.0.to'],
    ['scopes on an open route', { routes: [route({ auth: 'none', require: { scopes: ['x'] } })] }, 'routes.0.require'],
    [
      'a limit by subject on an open route',
      { routes: [route({ auth: 'none', rateLimit: { by: 'sub', limit: 1, per: '1s' } })] },
      'routes.0.rateLimit',
    ],
    [
      'a route quietly weaker than the one around it',
      { routes: [route({ require: { roles: ['admin'] } }), route({ path: '/orders/public/*' })] },
      'routes.1.path',
    ],
    [
      'requirements nobody can meet',
      {
        defaults: { require: { claims: { '/tenant': 'a' } } },
        routes: [route({ require: { claims: { '/tenant': 'b' } } })],
      },
      'routes.0.require',
    ],
    [
      'an identity header with a meaning of its own',
      { routes: [route({ identity: { headers: { authorization: '/sub' } } })] },
      'routes.0.identity.headers.authorization',
    ],
    ['an admin port open to others without a token', { admin: 'http://0.0.0.0:8081' }, 'admin'],
    [
      'an admin port that is the public one',
      { listen: 'http://127.0.0.1:8081', admin: 'http://127.0.0.1:8081' },
      'admin',
    ],
    [
      'every origin with credentials',
      { routes: [route({ cors: { origins: ['*'], credentials: true } })] },
      'routes.0.cors.origins',
    ],
    ['a null origin', { routes: [route({ cors: { origins: ['null'] } })] }, 'routes.0.cors.origins.0'],
    [
      'an unused hash key',
      { upstreams: { orders: { urls: ['http://127.0.0.1:9000'], hashOn: 'ip' } } },
      'upstreams.orders.hashOn',
    ],
    ['a range that is none', { trustProxies: ['10.0.0.0/33'] }, 'trustProxies.0'],
    [
      'an upstream with a path',
      { upstreams: { orders: { urls: ['http://127.0.0.1:9000/x'] } } },
      'upstreams.orders.urls.0',
    ],
  ])('%s', (_name, overrides, place) => {
    expect(faults(overrides)).toContain(place);
  });

  it('what is meant passes', () => {
    expect(faults({})).toEqual([]);
    expect(
      faults({ routes: [route({ require: { roles: ['admin'] } }), route({ path: '/orders/public/*', require: {} })] }),
    ).toEqual([]);
  });

  it('a YAML bomb, before anything is expanded', () => {
    const bomb = 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n';
    expect(() => parseConfigText(bomb, gatewayConfigSchema)).toThrow(ConfigError);
  });
});

describe('G13: reload', () => {
  it('takes a good one whole, and says what changed', async () => {
    const at = await startGateway();
    expect((await fetch(`${at.url}/new/x`)).status).toBe(401);
    const next = configFor(at.origin.url, at.issuer.url, { routes: [{ path: '/new/**', to: 'origin', auth: 'none' }] });
    const { changes } = await at.gateway.reload(next);
    expect(changes).toContainEqual({ path: '/routes/* /new/**', change: 'added' });
    expect(changes).toContainEqual({ path: '/routes/* /admin/**', change: 'removed' });
    expect((await fetch(`${at.url}/new/x`)).status).toBe(200);
    expect((await fetch(`${at.url}/open/x`)).status).toBe(401);
    await at.close();
  });

  it('keeps the running one when the new one cannot be', async () => {
    const at = await startGateway();
    const good = configFor(at.origin.url, at.issuer.url);
    await expect(at.gateway.reload({ ...good, routes: [{ ...good.routes[0]!, to: 'nowhere' }] })).rejects.toMatchObject(
      {
        code: 'upstream_unknown',
      },
    );
    expect((await fetch(`${at.url}/open/x`)).status).toBe(200);
    await at.close();
  });

  it('loses no request that is under way, or that comes meanwhile', async () => {
    const at = await startGateway();
    const token = at.issuer.token();
    const failures: number[] = [];
    const stop = new AbortController();
    const load = Array.from({ length: 8 }, async () => {
      while (!stop.signal.aborted) {
        const { status } = await fetch(`${at.url}/orders/1`, { headers: { authorization: `Bearer ${token}` } });
        if (status !== 200) failures.push(status);
      }
    });
    for (let round = 0; round < 20; round++) {
      const timeout = `${20 + round}s`;
      await at.gateway.reload(
        configFor(at.origin.url, at.issuer.url, { upstreams: { origin: { urls: [at.origin.url], timeout } } }),
      );
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    stop.abort();
    await Promise.all(load);
    expect(failures).toEqual([]);
    await at.close();
  });
});
