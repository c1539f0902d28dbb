import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';
import { seenValues } from './origin.ts';

let it0: TestGateway;
beforeAll(async () => {
  it0 = await startGateway();
});
afterAll(() => it0.close());

const call = (
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string>; token?: string } = {},
) =>
  fetch(`${it0.url}${path}`, {
    ...init,
    headers: { ...init.headers, ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }) },
  });

describe('a request through the gateway', () => {
  it('asks for a token (RFC 6750 section 3.1)', async () => {
    const response = await call('/orders/1');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(await response.json()).toMatchObject({
      status: 401,
      code: 'token_missing',
      request_id: response.headers.get('x-request-id'),
    });
    expect(it0.origin.take()).toEqual([]);
  });

  it('passes with one, and tells the upstream who calls', async () => {
    const response = await call('/orders/1?x=1', {
      token: it0.issuer.token({ tenant: 'acmé' }),
      headers: { 'X-User-Id': 'root', x_user_id: 'root', 'x-request-id': 'trace-12345678' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toBe('trace-12345678');
    const [seen] = it0.origin.take();
    expect(seen).toMatchObject({ method: 'GET', target: '/orders/1?x=1' });
    expect(seenValues(seen!, 'x-user-id')).toEqual(['alice']);
    expect(seenValues(seen!, 'x-user-roles')).toEqual(['editor']);
    expect(seenValues(seen!, 'x-tenant-id')).toEqual(['acm%C3%A9']);
    expect(seenValues(seen!, 'authorization')).toEqual([]);
    expect(seenValues(seen!, 'x-request-id')).toEqual(['trace-12345678']);
  });

  it('streams bodies both ways', async () => {
    const body = 'x'.repeat(300_000);
    const response = await call('/orders', { method: 'POST', body, token: it0.issuer.token() });
    expect(response.status).toBe(200);
    expect(((await response.json()) as { body: string }).body).toBe(body);
  });

  it('tells 403 with the scope that is missing, and 401 for a changed token', async () => {
    const denied = await call('/orders', {
      method: 'POST',
      body: 'x',
      token: it0.issuer.token({ scope: 'orders:read' }),
    });
    expect(denied.status).toBe(403);
    expect(denied.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="orders:write"');
    const token = it0.issuer.token();
    const changed = await call('/orders/1', {
      token: `${token.slice(0, -3)}${token.at(-3) === 'A' ? 'B' : 'A'}${token.slice(-2)}`,
    });
    expect(changed.status).toBe(401);
    expect(changed.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('gives nothing away of what is not there, until it sees a token', async () => {
    const unknown = await call('/nowhere');
    const wrongMethod = await call('/orders/1', { method: 'DELETE' });
    const missing = await call('/orders/1');
    for (const response of [unknown, wrongMethod]) {
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(missing.headers.get('www-authenticate'));
    }
    const token = it0.issuer.token();
    expect((await call('/nowhere', { token })).status).toBe(404);
    const known = await call('/orders/1', { method: 'DELETE', token });
    expect(known.status).toBe(405);
    expect(known.headers.get('allow')).toBe('GET, POST, PUT');
  });
});
