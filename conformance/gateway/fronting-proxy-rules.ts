/**
 * What must hold of our decision behind a proxy of another maker, which runs for real with the set-up of docs/forward-auth.md: what it lets through carries the
 * identity that was verified and no other, what is refused does not reach the origin.
 */
import { createGateway, type Gateway } from '@sealgate/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor, startIssuer, type TestIssuer } from './fixture.ts';
import type { StartedServer } from './debian-server.ts';
import { startProxy, type FrontingProxy } from './fronting-proxies.ts';
import { seenValues, startOrigin, type Origin } from './origin.ts';
import { sendRaw } from './raw-http.ts';

export function describeProxy(proxy: FrontingProxy): void {
  describe(`${proxy.name} in front`, () => rulesOf(proxy));
}

function rulesOf(proxy: FrontingProxy): void {
  let origin: Origin;
  let issuer: TestIssuer;
  let gateway: Gateway;
  let started: StartedServer;
  beforeAll(async () => {
    [origin, issuer] = await Promise.all([startOrigin(), startIssuer()]);
    const overrides = {
      forwardAuth: { listen: 'http://127.0.0.1:0', from: proxy.from },
      trustProxies: proxy.from === 'envoy' ? [] : ['127.0.0.1'],
      routes: [
        { path: '/open/**', to: 'origin', auth: 'none' },
        { path: '/maybe/**', to: 'origin', auth: 'optional' },
        { path: '/orders/**', to: 'origin', methods: ['GET'] },
        { path: '/orders/**', to: 'origin', methods: ['POST'], require: { roles: ['editor'] } },
        { path: '/from/**', to: 'origin', auth: 'none', access: { deny: ['127.0.0.1'] } },
      ],
    };
    gateway = await createGateway({ config: configFor(origin.url, issuer.url, overrides) });
    const { forwardAuthUrl = '' } = await gateway.listen();
    await gateway.ready;
    started = await startProxy(proxy, forwardAuthUrl, origin.url);
    origin.take();
  });
  afterAll(async () => {
    await started.close();
    await gateway.close();
    await Promise.all([origin.close(), issuer.close()]);
  });

  const call = (target: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${started.port}${target}`, init);
  const bearer = (claims = {}) => ({ authorization: `Bearer ${issuer.token(claims)}` });
  const FORGED = {
    'x-user-id': 'root',
    X_User_Id: 'root',
    'x-user_id': 'root',
    'X-User-Roles': 'admin',
    'X-Original-Method': 'GET',
    'X-Original-URI': '/open/x',
    'X-Forwarded-Method': 'GET',
    'X-Forwarded-Uri': '/open/x',
    'X-Forwarded-For': '192.0.2.1',
  };

  it('lets through what the gateway would, with the identity that it verified', async () => {
    const response = await call('/orders/1?x=%20y', { headers: { ...FORGED, ...bearer() } });
    expect(response.status).toBe(200);
    const [seen, ...more] = origin.take();
    expect(seen).toMatchObject({ method: 'GET', target: '/orders/1?x=%20y' });
    expect([seenValues(seen!, 'x-user-id'), seenValues(seen!, 'x-user-roles')]).toEqual([['alice'], ['editor']]);
    expect(more).toEqual([]);
  });

  it('passes a body on, which is no part of the question', async () => {
    const response = await call('/orders/1', { method: 'POST', headers: bearer(), body: 'a'.repeat(100_000) });
    expect(response.status).toBe(200);
    expect(origin.take()).toMatchObject([{ method: 'POST', body: 'a'.repeat(100_000) }]);
  });

  it('refuses without a token, and says what is missing (RFC 6750 section 3)', async () => {
    const missing = await call('/orders/1', { headers: FORGED });
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"']);
    const forged = await call('/orders/1', { headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' } });
    expect([forged.status, forged.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect(origin.take()).toEqual([]);
  });

  it('refuses with 403 what the token does not allow, and addresses that may not', async () => {
    const headers = bearer({ roles: [] });
    expect((await call('/orders/1', { method: 'POST', headers, body: 'x' })).status).toBe(403);
    expect((await call('/from/x', { headers: FORGED })).status).toBe(403);
    expect(origin.take()).toEqual([]);
  });

  it('refuses a path with two readings', async () => {
    for (const target of ['/open/..%2forders/1', '/open/../orders/1', '/open//x']) {
      const { responses } = await sendRaw(
        started.port,
        `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${started.port}\r\nConnection: close\r\n\r\n`,
      );
      expect([target, responses[0]?.status]).toEqual([target, proxy.from === 'original' ? 403 : 400]);
    }
    expect(origin.take()).toEqual([]);
  });

  it('an open route stays open, and its callers stay anonymous', async () => {
    for (const target of ['/open/x', '/maybe/x']) {
      expect((await call(target, { headers: FORGED })).status).toBe(200);
      const [seen] = origin.take();
      expect([seenValues(seen!, 'x-user-id'), seenValues(seen!, 'x-user-roles')]).toEqual([[], []]);
    }
  });

  it('lets nothing through while nobody answers', async () => {
    await gateway.close();
    expect((await call('/open/x')).status).toBeGreaterThanOrEqual(500);
    expect(origin.take()).toEqual([]);
  });
}
