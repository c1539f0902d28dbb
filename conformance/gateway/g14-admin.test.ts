/** ATTACKS.md G14: the admin port is its own, needs its token where it has one, and cannot be reached by a web page. */
import { Secret } from '@sealgate/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor, startGateway, startIssuer, type TestGateway } from './fixture.ts';
import { createGateway } from '@sealgate/gateway';
import { sendRaw } from './raw-http.ts';

let at: TestGateway;
beforeAll(async () => {
  at = await startGateway();
});
afterAll(() => at.close());

const admin = (path: string, headers: Record<string, string> = {}) => fetch(`${at.adminUrl}${path}`, { headers });

describe('G14: the public port', () => {
  it.each(['/metrics', '/healthz', '/readyz', '/routes', '/decisions/12345678', '/reload'])(
    'knows nothing of %s',
    async (path) => {
      expect((await fetch(`${at.url}${path}`)).status).toBe(401);
      const headers = { authorization: `Bearer ${at.issuer.token()}` };
      expect((await fetch(`${at.url}${path}`, { headers })).status).toBe(404);
    },
  );
});

describe('G14: the admin port without a token', () => {
  it('answers to its loopback name only, and to no web page', async () => {
    expect((await admin('/routes')).status).toBe(200);
    expect((await admin('/routes', { origin: 'https://evil.test' })).status).toBe(401);
    const port = Number(new URL(at.adminUrl).port);
    const { responses } = await sendRaw(port, 'GET /routes HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n');
    expect(responses[0]?.status).toBe(401);
  });

  it('says how the gateway is', async () => {
    expect((await admin('/healthz')).status).toBe(200);
    expect((await admin('/readyz')).status).toBe(200);
    await fetch(`${at.url}/open/x`);
    const metrics = await (await admin('/metrics')).text();
    expect(metrics).toMatch(
      /sealgate_gateway_requests_total\{route="\* \/open\/\*\*",code="allowed",issuer="",status="2xx"\} [1-9]/u,
    );
    expect(metrics).toMatch(/sealgate_gateway_request_duration_seconds_count\{route="\* \/open\/\*\*"\} [1-9]/u);
    expect(metrics).toMatch(/sealgate_gateway_request_duration_seconds_bucket\{[^}]*le="\+Inf"[^}]*\} [1-9]/u);
    expect(metrics).toContain('sealgate_gateway_issuer_ready{issuer="main"} 1');
  });

  it('explains a refusal, without the token', async () => {
    const token = at.issuer.token({ exp: Math.floor(Date.now() / 1000) - 10 });
    const refused = await fetch(`${at.url}/orders/1`, { headers: { authorization: `Bearer ${token}` } });
    const id = refused.headers.get('x-request-id') ?? '';
    const text = await (await admin(`/decisions/${id}`)).text();
    expect(JSON.parse(text)).toMatchObject({
      requestId: id,
      status: 401,
      code: 'invalid_token',
      trace: expect.any(Array),
    });
    expect(text).toContain('exp');
    for (const part of token.split('.')) expect(text).not.toContain(part);
    expect((await admin('/decisions/unknown-request-id')).status).toBe(404);
  });
});

describe('G14: the admin port with a token', () => {
  it('asks for it, except for health', async () => {
    const issuer = await startIssuer();
    const config = { ...configFor(at.origin.url, issuer.url), adminToken: Secret.of('admin-token-for-this-test') };
    const gateway = await createGateway({ config });
    const { adminUrl } = await gateway.listen();
    const status = async (path: string, authorization?: string) =>
      (await fetch(`${adminUrl}${path}`, { headers: authorization === undefined ? {} : { authorization } })).status;
    expect(await status('/healthz')).toBe(200);
    for (const path of ['/metrics', '/routes', '/decisions/12345678']) {
      expect(await status(path)).toBe(401);
      expect(await status(path, 'Bearer wrong')).toBe(401);
      expect(await status(path, `Bearer ${issuer.token()}`)).toBe(401);
    }
    expect(await status('/routes', 'Bearer admin-token-for-this-test')).toBe(200);
    await gateway.close();
    await issuer.close();
  });
});
