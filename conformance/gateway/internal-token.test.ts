/** The internal token (DESIGN.md section 3): an upstream protects itself with nothing but the gateway's address and its own name. */
import { createGatewayGuard, type Guard } from '@sealgate/guard';
import { protect } from '@sealgate/guard/express';
import { createRemoteKeys, createVerifier, decodeUnverified } from '@sealgate/jwt';
import express from 'express';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../test/harness/free-ports.ts';
import { startGateway, type TestGateway } from './fixture.ts';

interface Service {
  readonly url: string;
  readonly guard: Guard;
  /** `Authorization` of the last request. */
  last(): string;
  close(): void;
}

let keysUrl = '';
let clockMs = 0;
let at: TestGateway;
let orders: Service;
let billing: Service;
const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-internal-'));

/** An Express application that lets only through what the gateway sent. */
async function startService(upstream: string): Promise<Service> {
  const guard = createGatewayGuard({ gateway: keysUrl, upstream, now: () => (Date.now() + clockMs) / 1000 });
  let last = '';
  const router = express.Router();
  router.use((req, _res, next) => {
    last = req.headers.authorization ?? '';
    next();
  });
  router.use(protect(guard, { scopes: ['orders:read'] }), (req, res) => {
    res.json({ subject: req.auth?.subject, roles: req.auth?.roles, tenant: req.auth?.claims['tenant'] });
  });
  const app = express();
  app.use('/api', router);
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    guard,
    last: () => last,
    close() {
      server.close();
      server.closeAllConnections();
      void guard.close();
    },
  };
}

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  keysUrl = `http://127.0.0.1:${port}`;
  writeFileSync(path.join(folder, 'secret'), 'a secret of more than thirty-two characters');
  [orders, billing] = await Promise.all([startService('orders'), startService('https://billing.acme.test')]);
  at = await startGateway({
    internalTokens: { listen: keysUrl, secret: `file:${path.join(folder, 'secret')}`, ttl: '20s' },
    upstreams: {
      orders: { urls: [orders.url] },
      billing: { urls: [billing.url], audience: 'https://billing.acme.test' },
    },
    defaults: { identity: { mode: 'internal', claims: { tenant: '/tenant' } } },
    routes: [
      { path: '/api/billing/**', to: 'billing' },
      { path: '/api/**', to: 'orders' },
      { path: '/plain/**', to: 'origin', identity: { mode: 'internal', headers: { 'x-user-id': '/sub' } } },
    ],
  });
  await Promise.all([orders.guard.ready, billing.guard.ready]);
});
afterAll(async () => {
  await at.close();
  orders.close();
  billing.close();
  rmSync(folder, { recursive: true });
});

const call = (target: string, init: RequestInit = {}, claims = {}): Promise<Response> =>
  fetch(`${at.url}${target}`, { ...init, headers: { authorization: `Bearer ${at.issuer.token(claims)}` } });

const replay = async (url: string, authorization: string, method = 'GET'): Promise<number> =>
  (await fetch(url, { method, headers: { authorization } })).status;

describe('an upstream behind the gateway', () => {
  it('learns who calls, from the gateway alone', async () => {
    const answer = await call('/api/orders/7?page=2', {}, { tenant: 'acme' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ subject: 'alice', roles: ['editor'], tenant: 'acme' });
    expect((await call('/api/billing/1')).status).toBe(200);
    expect((await call('/api/orders/7', { method: 'POST', body: '{}' })).status).toBe(200);
  });

  it('holds what the token is not enough for against the same rules', async () => {
    const answer = await call('/api/orders/7', {}, { scope: 'orders:write' });
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'insufficient_scope' }]);
  });

  it('gets a token that says what it is for, and never the caller’s own', async () => {
    await call('/plain/x?q=1', { method: 'PUT', body: 'x' });
    const [seen] = at.origin.take();
    const fields = seen?.rawHeaders ?? [];
    const [, token = ''] = (fields[fields.indexOf('authorization') + 1] ?? '').split(' ');
    const { header, claims } = decodeUnverified(token);
    expect(header).toMatchObject({ alg: 'EdDSA', typ: 'internal+jwt' });
    expect(claims).toMatchObject({
      iss: keysUrl,
      aud: 'origin',
      sub: 'alice',
      sub_iss: at.issuer.url,
      client_id: 'web',
      scope: 'orders:read orders:write',
      htm: 'PUT',
      htp: '/plain/x',
    });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBeLessThanOrEqual(21);
    expect(fields[fields.indexOf('x-user-id') + 1]).toBe('alice');
    expect(fields.filter((text) => text === 'authorization')).toHaveLength(1);
  });

  it('refuses what did not come through the gateway', async () => {
    expect(await replay(`${orders.url}/api/orders/7`, `Bearer ${at.issuer.token()}`)).toBe(401);
    expect((await fetch(`${orders.url}/api/orders/7`)).status).toBe(401);
  });
});

describe('a token that somebody saw', () => {
  it('is worth nothing at another upstream, for another method or path, or a little later', async () => {
    await call('/api/orders/7');
    const seen = orders.last();
    const here = `${orders.url}/api/orders/7`;
    expect(await replay(here, seen)).toBe(200);
    expect(await replay(`${billing.url}/api/orders/7`, seen)).toBe(401);
    expect(await replay(here, seen, 'DELETE')).toBe(401);
    expect(await replay(`${orders.url}/api/orders/8`, seen)).toBe(401);
    expect(await replay(`${orders.url}/api/orders/7/`, seen)).toBe(401);
    expect(await replay(`${orders.url}/api/orders/%37`, seen)).toBe(401);
    expect(await replay(`${at.url}/api/orders/7`, seen)).toBe(401);
    clockMs = 30_000;
    expect(await replay(here, seen)).toBe(401);
    clockMs = 0;
  });
});

describe('the port for keys', () => {
  it('is found by any verifier (RFC 8414), and has nothing else', async () => {
    await call('/api/orders/7');
    const keys = createRemoteKeys({ issuer: keysUrl, algorithms: ['EdDSA'] });
    const rules = { issuer: keysUrl, audience: 'orders', algorithms: ['EdDSA'] as const, typ: 'internal+jwt', keys };
    const verifier = createVerifier(rules);
    const { claims } = await verifier.verify(orders.last().slice('Bearer '.length));
    expect(claims['sub']).toBe('alice');
    keys.close();
    for (const other of ['/', '/metrics', '/healthz', '/api/orders/7']) {
      expect((await fetch(`${keysUrl}${other}`)).status).toBe(404);
    }
    expect((await fetch(`${keysUrl}/.well-known/jwks.json`, { method: 'POST' })).status).toBe(404);
  });

  it('publishes three public keys and no private one', async () => {
    const jwks = (await (await fetch(`${keysUrl}/.well-known/jwks.json`)).json()) as { keys: object[] };
    expect(jwks.keys).toHaveLength(3);
    for (const key of jwks.keys) expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});
