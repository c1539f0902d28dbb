/**
 * The decision as a service: what each proxy asks, how it is answered, and that a client cannot ask in its place. nginx (Debian's package)
 * stands in front for real, with the set-up that the documentation shows.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGateway, type Gateway } from '@sealgate/gateway';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findProgram } from '../../scripts/provision.ts';
import { configFor, startIssuer, type TestIssuer } from './fixture.ts';
import { seenValues, startOrigin, type Origin } from './origin.ts';
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

describe('nginx in front', () => {
  let nginx: ChildProcess;
  let folder: string;
  let port: number;

  beforeAll(async () => {
    const authUrl = await forwardAuth('original');
    folder = mkdtempSync(path.join(tmpdir(), 'sealgate-nginx-'));
    port = await freePort();
    writeFileSync(path.join(folder, 'nginx.conf'), nginxConfig({ port, authUrl, originUrl: origin.url, folder }));
    const program = findProgram('nginx');
    if (program === undefined) throw new Error('nginx is not installed: apt-get install nginx-light');
    nginx = spawn(program, ['-e', 'stderr', '-p', folder, '-c', path.join(folder, 'nginx.conf')], { stdio: 'ignore' });
    await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), { timeout: 10_000 });
    origin.take();
  });
  afterAll(async () => {
    const ended = once(nginx, 'exit');
    nginx.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  });

  const call = (target: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${target}`, init);

  it('lets through what the gateway would, with the identity it verified', async () => {
    const headers = { authorization: `Bearer ${issuer.token()}`, 'x-user-id': 'root', 'X-Original-URI': '/open/x' };
    expect((await call('/orders/1?x=1', { headers })).status).toBe(200);
    const [seen] = origin.take();
    expect(seen).toMatchObject({ method: 'GET', target: '/orders/1?x=1' });
    expect(seenValues(seen!, 'x-user-id')).toEqual(['alice']);
    expect(seenValues(seen!, 'x-user-roles')).toEqual(['editor']);
  });

  it('refuses what the gateway would', async () => {
    const missing = await call('/orders/1');
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"']);
    const forged = { 'X-Original-URI': '/open/x', 'X-Original-Method': 'GET', 'X-Forwarded-Uri': '/open/x' };
    expect((await call('/admin', { headers: forged })).status).toBe(401);
    expect(
      (await call('/orders/1', { method: 'POST', headers: { authorization: `Bearer ${issuer.token({ roles: [] })}` } }))
        .status,
    ).toBe(403);
    const { responses } = await sendRaw(port, 'GET /open/..%2fadmin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(responses[0]?.status).toBe(403);
    expect(origin.take()).toEqual([]);
  });

  it('an open route stays open, and anonymous', async () => {
    expect((await call('/open/x', { headers: { 'x-user-id': 'root' } })).status).toBe(200);
    expect(seenValues(origin.take()[0]!, 'x-user-id')).toEqual([]);
  });
});

/** As the documentation shows it. Headers set to an empty value are not sent, so that no client's own survive. */
function nginxConfig({
  port,
  authUrl,
  originUrl,
  folder,
}: {
  port: number;
  authUrl: string;
  originUrl: string;
  folder: string;
}): string {
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 64; }
http {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    location / {
      auth_request /sealgate;
      auth_request_set $user_id $upstream_http_x_user_id;
      auth_request_set $user_roles $upstream_http_x_user_roles;
      proxy_set_header x-user-id $user_id;
      proxy_set_header x-user-roles $user_roles;
      proxy_pass ${originUrl};
    }
    location = /sealgate {
      internal;
      proxy_pass ${authUrl};
      proxy_pass_request_body off;
      proxy_set_header content-length "";
      proxy_set_header x-original-method $request_method;
      proxy_set_header x-original-uri $request_uri;
      proxy_set_header x-forwarded-for $remote_addr;
      proxy_set_header x-forwarded-host $http_host;
    }
  }
}
`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
