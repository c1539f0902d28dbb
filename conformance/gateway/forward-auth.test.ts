/** The decision as a service: what each proxy asks, how it is answered, and that a client cannot ask in its place. */
import { createGateway, type Gateway } from '@sealgate/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor, startIssuer, type TestIssuer } from './fixture.ts';
import { startOrigin, type Origin } from './origin.ts';
import { sendRaw } from './raw-http.ts';

let origin: Origin;
let issuer: TestIssuer;
const gateways: Gateway[] = [];

beforeAll(async () => {
  [origin, issuer] = await Promise.all([startOrigin(), startIssuer()]);
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await Promise.all([origin.close(), issuer.close()]);
});

async function forwardAuth(from: string): Promise<string> {
  const overrides = { forwardAuth: { listen: 'http://127.0.0.1:0', from }, trustProxies: ['127.0.0.1'] };
  const gateway = await createGateway({ config: configFor(origin.url, issuer.url, overrides) });
  gateways.push(gateway);
  const { forwardAuthUrl = '' } = await gateway.listen();
  await gateway.ready;
  return forwardAuthUrl;
}

describe('a question and its answer', () => {
  it.each([
    ['forwarded', 'x-forwarded-method', 'x-forwarded-uri'],
    ['original', 'x-original-method', 'x-original-uri'],
  ])('%s', async (from, method, uri) => {
    const url = await forwardAuth(from);
    const ask = (asked: Record<string, string>, token?: string) =>
      fetch(`${url}/anything`, {
        headers: { ...asked, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      });

    const granted = await ask({ [method]: 'GET', [uri]: '/orders/1?x=1', 'x-user-id': 'root' }, issuer.token());
    expect([granted.status, granted.headers.get('x-user-id'), granted.headers.get('x-user-roles')]).toEqual([
      200,
      'alice',
      'editor',
    ]);
    expect(granted.headers.get('authorization')).toBeNull();

    const missing = await ask({ [method]: 'GET', [uri]: '/orders/1' });
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"']);
    expect((await ask({ [method]: 'POST', [uri]: '/orders/1' }, issuer.token({ roles: [] }))).status).toBe(403);
    expect((await ask({ [method]: 'GET', [uri]: '/open/x' })).status).toBe(200);
    const ambiguous = await ask({ [method]: 'GET', [uri]: '/open/..%2fadmin' });
    expect(ambiguous.status).toBe(from === 'original' ? 403 : 400);
    expect(origin.take()).toEqual([]);
  });

  it('a question that names its request twice, or not at all, is refused', async () => {
    const port = Number(new URL(await forwardAuth('forwarded')).port);
    const ask = async (lines: readonly string[]) => {
      const { responses } = await sendRaw(
        port,
        `${['GET / HTTP/1.1', 'Host: a', 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`,
      );
      return responses[0]?.status;
    };
    expect(await ask(['X-Forwarded-Method: GET', 'X-Forwarded-Uri: /open/x'])).toBe(200);
    expect(await ask(['X-Forwarded-Method: GET', 'X-Forwarded-Uri: /open/x', 'X-Forwarded-Uri: /admin'])).toBe(400);
    expect(await ask(['X-Forwarded-Method: GET'])).toBe(400);
    expect(await ask(['X-Original-Method: GET', 'X-Original-URI: /open/x'])).toBe(400);
    expect(await ask(['X-Forwarded-Method: GET', 'X-Forwarded-Uri: /admin', 'X-Original-URI: /open/x'])).toBe(401);
    expect(await ask(['X-Forwarded-Method: get', 'X-Forwarded-Uri: /open/x'])).toBe(400);
  });

  it('a preflight is a request like any other: its answer must not open the door', async () => {
    const url = await forwardAuth('forwarded');
    const headers = {
      'x-forwarded-method': 'OPTIONS',
      'x-forwarded-uri': '/orders/1',
      origin: 'https://app.test',
      'access-control-request-method': 'GET',
    };
    expect((await fetch(url, { headers })).status).toBe(401);
  });

  it('Envoy asks with the request itself', async () => {
    const url = await forwardAuth('request');
    expect((await fetch(`${url}/orders/1`, { headers: { authorization: `Bearer ${issuer.token()}` } })).status).toBe(
      200,
    );
    expect((await fetch(`${url}/orders/1`, { method: 'POST' })).status).toBe(401);
  });
});
