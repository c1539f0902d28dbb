/** What a route changes on the way: path, headers of request and answer, the upstream that gets it. */
import { gatewayConfigSchema } from '@sealgate/gateway';
import { parseConfig } from '@sealgate/service';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type RawConfig, type TestGateway } from './fixture.ts';
import { ask } from './http2-client.ts';
import { seenValues, startOrigin, type Origin } from './origin.ts';
import { sendRaw } from './raw-http.ts';

let at: TestGateway;
let next: Origin;
const open = (pattern: string, more: RawConfig): RawConfig => ({ path: pattern, to: 'origin', auth: 'none', ...more });

beforeAll(async () => {
  next = await startOrigin();
  at = await startGateway({
    trustProxies: ['127.0.0.1'],
    upstreams: { next: { urls: [next.url] } },
    defaults: { securityHeaders: true },
    routes: [
      open('/strip/v1/**', { rewrite: { stripPrefix: '/strip/v1' } }),
      open('/users/{user}/orders/{order}/**', { rewrite: { path: '/v2/{order}/of/{user}/**' } }),
      open('/fixed', { rewrite: { path: '/elsewhere' } }),
      open('/headers', {
        requestHeaders: { set: { 'X-Api-Version': '2' }, remove: ['X-Debug'] },
        responseHeaders: { set: { 'cache-control': 'private' }, remove: ['server', 'X-Powered-By'] },
      }),
      open('/plain', { securityHeaders: false }),
      open('/third', { canary: { to: 'next', weight: 30, sticky: 'ip' } }),
      open('/tester', { canary: { to: 'next', headers: { 'x-canary': 'yes' } } }),
      { path: '/beta', to: 'origin', canary: { to: 'next', claims: { '/beta': true } } },
      { path: '/sticky', to: 'origin', canary: { to: 'next', weight: 50 } },
    ],
  });
});
beforeEach(() => {
  at.origin.take();
  next.take();
});
afterAll(async () => {
  await at.close();
  await next.close();
});

async function targetOf(target: string): Promise<string | number> {
  const answer = await fetch(`${at.url}${target}`);
  return at.origin.take()[0]?.target ?? answer.status;
}

describe('the path', () => {
  it.each([
    ['/strip/v1/orders/1?q=%2e', '/orders/1?q=%2e'],
    ['/strip/v1/', '/'],
    ['/strip/v1', '/'],
    ['/strip/v1/%7Ejoe', '/~joe'],
    ['/users/a/orders/7/items/2?x', '/v2/7/of/a/items/2?x'],
    ['/users/a/orders/7', '/v2/7/of/a'],
    ['/users/%24/orders/100%25x/', 400],
    ['/users/a%20b/orders/7/', '/v2/7/of/a%20b/'],
    ['/fixed?x=1', '/elsewhere?x=1'],
    ['/strip/v1/..%2fadmin', 400],
    ['/strip/v1//admin', 400],
  ])('%s is sent as %s', async (target, sent) => {
    expect(await targetOf(target)).toBe(sent);
  });
});

describe('headers', () => {
  it('of the request are set and removed, in every spelling of theirs', async () => {
    const headers = { 'x-api-version': '1', X_Api_Version: '0', 'x-debug': '1', 'x-other': 'stays' };
    await fetch(`${at.url}/headers`, { headers });
    const [seen] = at.origin.take();
    const values = (name: string) => (seen === undefined ? [] : seenValues(seen, name));
    expect(values('x-api-version')).toEqual(['2']);
    expect(values('x-debug')).toEqual([]);
    expect(values('x-other')).toEqual(['stays']);
  });

  it('of the answer are set and removed', async () => {
    at.origin.on('/headers', (_req, res) => {
      res.writeHead(200, { server: 'origin/1', 'x-powered-by': 'origin', 'cache-control': 'public' }).end('{}');
    });
    const { headers } = await fetch(`${at.url}/headers`);
    expect([headers.get('server'), headers.get('x-powered-by'), headers.get('cache-control')]).toEqual([
      null,
      null,
      'private',
    ]);
  });

  it('make browsers careful, once, over https with HSTS, and on refusals too', async () => {
    at.origin.on('/fixed', (_req, res) => res.writeHead(200, { 'x-frame-options': 'SAMEORIGIN' }).end('{}'));
    at.origin.on('/elsewhere', (_req, res) => res.writeHead(200, { 'x-frame-options': 'SAMEORIGIN' }).end('{}'));
    const answer = await fetch(`${at.url}/fixed`, { headers: { 'x-forwarded-proto': 'https' } });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
    });
    const refused = await fetch(`${at.url}/beta`);
    expect([refused.status, refused.headers.get('x-frame-options')]).toEqual([401, 'DENY']);
    expect(refused.headers.get('strict-transport-security')).toBeNull();
    expect((await fetch(`${at.url}/plain`)).headers.get('x-content-type-options')).toBeNull();
  });
});

describe('a canary', () => {
  it('gets its share of the callers, and always the same', async () => {
    const addresses = Array.from({ length: 200 }, (_, index) => `192.0.${index}.7`);
    const ask = async (): Promise<string[]> => {
      const chosen: string[] = [];
      for (const ip of addresses) {
        await fetch(`${at.url}/third`, { headers: { 'x-forwarded-for': ip } });
        if (next.take().length > 0) chosen.push(ip);
      }
      return chosen;
    };
    const first = await ask();
    expect(first.length).toBeGreaterThan(35);
    expect(first.length).toBeLessThan(85);
    expect(await ask()).toEqual(first);
  });

  it('is named beside the upstream of its route', async () => {
    const listed: unknown = await (await fetch(`${at.adminUrl}/routes`)).json();
    expect(listed).toContainEqual(expect.objectContaining({ path: '/third', upstream: 'origin', canary: 'next' }));
  });

  it('gets those with a header, or with a claim of a verified token', async () => {
    await fetch(`${at.url}/tester`, { headers: { 'x-canary': 'yes' } });
    await fetch(`${at.url}/tester`, { headers: { 'x-canary': 'no' } });
    expect([next.take().length, at.origin.take().length]).toEqual([1, 1]);
    for (const beta of [true, 'true', false]) {
      await fetch(`${at.url}/beta`, { headers: { authorization: `Bearer ${at.issuer.token({ beta })}` } });
    }
    expect([next.take().length, at.origin.take().length]).toEqual([1, 2]);
  });

  it('knows a subject by every token and from every address', async () => {
    const sides = new Set<number>();
    for (const ip of ['192.0.2.1', '192.0.2.2', '198.51.100.3', '203.0.113.4']) {
      const headers = { authorization: `Bearer ${at.issuer.token()}`, 'x-forwarded-for': ip };
      await fetch(`${at.url}/sticky`, { headers });
      sides.add(next.take().length);
    }
    expect(sides.size).toBe(1);
  });
});

describe('the access log', () => {
  it('has the octets of the gateway’s own answers, in a file beside the configuration', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-log-'));
    const schema = gatewayConfigSchema.shape.accessLog;
    const accessLog = parseConfig({ to: 'file:access.log' }, schema, { folder });
    expect(accessLog).toEqual({ to: `file:${path.join(folder, 'access.log')}`, format: 'json' });
    const logging = await startGateway({ accessLog });
    const answer = await fetch(`${logging.url}/nowhere`);
    const { length } = await answer.text();
    await logging.close();
    const line = JSON.parse(readFileSync(path.join(folder, 'access.log'), 'utf8')) as { bytes: number };
    expect(line).toMatchObject({ path: '/nowhere', status: 401, bytes: length });
    rmSync(folder, { recursive: true });
  });
});

describe('the Common Log Format', () => {
  it('says which version of HTTP each request had', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-log-'));
    const file = path.join(folder, 'access.log');
    const logging = await startGateway({
      accessLog: { to: `file:${file}`, format: 'common' },
      http2: { cleartext: true },
    });
    await sendRaw(logging.port, 'GET /open/old HTTP/1.0\r\n\r\n');
    await sendRaw(logging.port, 'GET /open/usual HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const session = connectHttp2(logging.url);
    await ask(session, { ':path': '/open/new' });
    session.close();
    await logging.close();
    const requests = [...readFileSync(file, 'utf8').matchAll(/"([^"]*)"/gu)].map(([, request]) => request);
    expect(requests).toEqual(['GET /open/old HTTP/1.0', 'GET /open/usual HTTP/1.1', 'GET /open/new HTTP/2.0']);
    rmSync(folder, { recursive: true });
  });
});

describe('a policy service that gives no answer', () => {
  it('is counted', async () => {
    const asking = await startGateway({
      routes: [{ name: 'asking', path: '/**', to: 'origin', opa: { url: 'http://127.0.0.1:9/v1/data/allow' } }],
    });
    const headers = { authorization: `Bearer ${asking.issuer.token()}` };
    expect((await fetch(`${asking.url}/x`, { headers })).status).toBe(503);
    const metrics = await (await fetch(`${asking.adminUrl}/metrics`)).text();
    expect(metrics).toContain('sealgate_gateway_policy_service_failures_total{route="asking"} 1');
    await asking.close();
  });
});
