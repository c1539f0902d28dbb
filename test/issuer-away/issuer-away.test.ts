/**
 * A gateway that is started while its issuer is away: it serves what needs no token, says that it is not ready and refuses the rest as "not now", and finds
 * the issuer by itself when it comes, and goes on with what it knows when it goes again.
 */
import { exportJwk, generateKey, publicKey, signJwt } from '@sealgate/jwt';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../harness/free-ports.ts';
import { startServer, type ServerProcess } from '../harness/server-process.ts';

const key = generateKey('ES256', { kid: 'k1' });
let folder: string;
let issuerPort: number;
let gatewayUrl: string;
let adminUrl: string;
let gateway: ServerProcess;
let arrived = 0;
let origin: Server;
let issuer: Server | undefined;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-away-'));
  const [issuing, serving, admin, behind] = (await freePorts(4)) as [number, number, number, number];
  issuerPort = issuing;
  gatewayUrl = `http://127.0.0.1:${serving}`;
  adminUrl = `http://127.0.0.1:${admin}`;
  origin = createServer((_req, res) => {
    arrived++;
    res.end('ok');
  });
  await new Promise<void>((resolve) => {
    origin.listen(behind, '127.0.0.1', resolve);
  });
  const file = path.join(folder, 'sealgate.yaml');
  writeFileSync(
    file,
    `version: 1
gateway:
  listen: ${gatewayUrl}
  admin: ${adminUrl}
  accessLog: { to: 'off' }
  issuers:
    main: { url: http://127.0.0.1:${issuerPort}, audience: [https://api.test], algorithms: [ES256] }
  upstreams:
    origin: { urls: [http://127.0.0.1:${behind}] }
  routes:
    - { path: /open, to: origin, auth: none }
    - { path: /orders, to: origin }
`,
  );
  gateway = await startServer(['gateway', '-c', file]);
});
afterAll(async () => {
  await gateway.stop();
  issuer?.close();
  origin.close();
  rmSync(folder, { recursive: true });
});

function startIssuer(): Promise<void> {
  const url = `http://127.0.0.1:${issuerPort}`;
  issuer = createServer((req, res) => {
    const isKeys = req.url === '/jwks';
    const body = isKeys ? { keys: [exportJwk(publicKey(key))] } : { issuer: url, jwks_uri: `${url}/jwks` };
    res.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
  });
  return new Promise((resolve) => {
    issuer?.listen(issuerPort, '127.0.0.1', resolve);
  });
}

let serial = 0;
const call = (signedBy = key): Promise<Response> => {
  const now = Math.floor(Date.now() / 1000);
  const iss = `http://127.0.0.1:${issuerPort}`;
  const claims = { iss, aud: 'https://api.test', sub: 'alice', client_id: 'web', iat: now, exp: now + 300 };
  const token = signJwt({ ...claims, jti: `j${serial++}` }, { key: signedBy, typ: 'at+jwt' });
  return fetch(`${gatewayUrl}/orders`, { headers: { authorization: `Bearer ${token}` } });
};
const status = async (url: string): Promise<number> => (await fetch(url)).status;

describe('an issuer that is away when the gateway starts', () => {
  it('does not keep open routes from being served', async () => {
    expect(await status(`${gatewayUrl}/open`)).toBe(200);
    expect(await status(`${adminUrl}/healthz`)).toBe(200);
  });

  it('makes it "not ready", by name, and tokens "not now": nothing is forwarded, no token is called bad', async () => {
    const ready = await fetch(`${adminUrl}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('main')]);
    const before = arrived;
    const refused = await call();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/u);
    expect(refused.headers.get('www-authenticate')).toBeNull();
    expect(arrived).toBe(before);
  });

  it('is found when it comes, with nobody’s help', async () => {
    await startIssuer();
    await expect.poll(async () => (await call()).status, { timeout: 20_000, interval: 200 }).toBe(200);
    expect(await status(`${adminUrl}/readyz`)).toBe(200);
    expect((await call(generateKey('ES256', { kid: 'k1' }))).status).toBe(401);
  });

  it('may go again: tokens of keys that are known pass, those of others wait for it', async () => {
    await new Promise((resolve) => {
      issuer?.close(resolve);
      issuer?.closeAllConnections();
    });
    expect((await call()).status).toBe(200);
    expect([401, 503]).toContain((await call(generateKey('ES256', { kid: 'k2' }))).status);
    expect(await status(`${gatewayUrl}/open`)).toBe(200);
  });
});
