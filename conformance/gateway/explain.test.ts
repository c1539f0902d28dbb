/** `POST /explain` on the admin port: what would become of a request, by the code that decides about real ones, and no way to it for a web page. */
import { generateKey } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';

let at: TestGateway;
beforeAll(async () => {
  at = await startGateway({
    routes: [
      { path: '/open/**', to: 'origin', auth: 'none' },
      { path: '/orders/**', to: 'origin', methods: ['GET'], require: { scopes: ['orders:read'] } },
      { path: '/orders/**', to: 'origin', methods: ['POST'], require: { scopes: ['orders:write'] } },
      {
        path: '/mine/**',
        to: 'origin',
        host: 'api.acme.test',
        when: 'request.headers["x-tenant-id"] == claims.tenant',
      },
    ],
  });
});
afterAll(() => at.close());

const explain = (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  fetch(`${at.adminUrl}/explain`, { method: 'POST', headers, body: JSON.stringify(body) });

interface Explained {
  readonly allow: boolean;
  readonly status?: number;
  readonly code?: string;
  readonly route: { readonly name: string } | null;
  readonly steps: readonly { readonly rule: string; readonly passed: boolean; readonly why: string }[];
  readonly changes: readonly string[];
  readonly notReached: readonly string[];
}
const answerTo = async (body: unknown): Promise<Explained> => {
  const response = await explain(body);
  expect(response.status).toBe(200);
  return (await response.json()) as Explained;
};

const past = Math.floor(Date.now() / 1000) - 100;

describe('what is explained is what happens', () => {
  it.each([
    ['a token that may', 'GET', '/orders/1', {}],
    ['no token', 'GET', '/orders/1', undefined],
    ['an expired token', 'GET', '/orders/1', { exp: past }],
    ['a token for others', 'GET', '/orders/1', { aud: 'https://other.test' }],
    ['a scope that lacks', 'POST', '/orders', { scope: 'orders:read' }],
    ['a path without a route', 'GET', '/none', {}],
    ['a path without a route, and no token', 'GET', '/none', undefined],
    ['a method that no route takes', 'DELETE', '/orders/1', {}],
    ['an open route', 'GET', '/open/x', undefined],
    ['a route of another host', 'GET', '/mine/x', {}],
    ['an escaped slash', 'GET', '/orders/..%2fadmin', {}],
    ['a query', 'GET', '/orders?limit=5&x=%20', {}],
    ['a claim that no header can carry', 'GET', '/orders/1', { roles: { not: 'a list' } }],
  ])('%s', async (_what, method, url, claims) => {
    const token = claims === undefined ? undefined : at.issuer.token(claims);
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${at.url}${url}`, { method, headers });
    const body: unknown = response.status === 200 ? {} : await response.json();
    const explained = await answerTo({ method, url, ...(token === undefined ? {} : { token }) });
    expect(explained.allow).toBe(response.status === 200);
    expect(explained.status ?? 200).toBe(response.status);
    if (!explained.allow) expect(body).toMatchObject({ code: explained.code });
    expect(explained.changes.length > 0).toBe(!explained.allow);
    expect(explained.steps.every(({ passed }) => passed)).toBe(explained.allow);
  });

  it('names every rule of an admitted request, from its path to what the upstream is told', async () => {
    const { steps, route } = await answerTo({ method: 'get', url: '/orders/1', token: at.issuer.token() });
    expect(steps.map(({ rule }) => rule)).toEqual([
      'path',
      'route',
      'token',
      'parse',
      'issuer',
      'key',
      'signature',
      'verified claims',
      'revocation',
      'scopes',
      'identity',
    ]);
    expect(route?.name).toBe('GET /orders/**');
  });

  it('takes host, scheme and headers from a whole URL and from `headers`', async () => {
    const token = at.issuer.token({ tenant: 'acme' });
    const asked = { method: 'GET', url: 'https://API.acme.test/mine/x', token };
    expect(await answerTo({ ...asked, headers: { 'X-Tenant-Id': 'acme' } })).toMatchObject({ allow: true });
    expect(await answerTo({ ...asked, headers: { 'X-Tenant-Id': 'umbrella' } })).toMatchObject({
      code: 'condition_unmet',
    });
  });

  it('holds nothing of the token, and says what to change', async () => {
    const token = at.issuer.token({ sub: 'canary-subject', exp: past });
    const forged = at.issuer.token({ sub: 'canary-subject' }, generateKey('ES256', { kid: 'test-key' }));
    for (const each of [token, forged]) {
      const text = await (await explain({ method: 'GET', url: '/orders', token: each })).text();
      for (const part of each.split('.')) expect(text).not.toContain(part);
      expect(text).not.toContain('canary');
      expect(JSON.parse(text)).toMatchObject({ allow: false, code: 'invalid_token', changes: [expect.any(String)] });
    }
  });
});

describe('G14: what is no question is refused in words', () => {
  it.each([
    ['a field that is not known', { method: 'GET', url: '/', tokens: 'x' }, /a field that is not known/u],
    ['no method', { url: '/' }, /method/u],
    ['an address that is neither', { method: 'GET', url: 'ftp://x/' }, /url: expected a path/u],
    ['a token with a line break', { method: 'GET', url: '/', token: 'a\nsecret' }, /token: expected a token/u],
    ['a header with a line break', { method: 'GET', url: '/', headers: { 'x-a': 'b\r\nsecret' } }, /headers: /u],
  ])('%s', async (_what, body, detail) => {
    const response = await explain(body);
    const text = await response.text();
    expect(response.status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({ code: 'explain_invalid', detail: expect.stringMatching(detail) });
    expect(text).not.toContain('secret');
  });

  it('takes JSON of a bounded size alone', async () => {
    expect((await explain({}, { 'content-type': 'text/plain' })).status).toBe(415);
    const large = await explain({ method: 'GET', url: '/', token: 'x'.repeat(140_000) });
    expect(large.status).toBe(413);
    const broken = await fetch(`${at.adminUrl}/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).toBe(400);
  });
});

describe('G14: no web page of others reaches it', () => {
  const json = { 'content-type': 'application/json' };
  it.each([
    ['another origin', { ...json, origin: 'https://evil.test' }],
    ['another port of this machine', { ...json, origin: 'http://127.0.0.1:1' }],
    ['an opaque origin', { ...json, origin: 'null' }],
    ['what a browser says comes from elsewhere', { ...json, 'sec-fetch-site': 'cross-site' }],
    ['what a browser says comes from the same site', { ...json, 'sec-fetch-site': 'same-site' }],
  ])('%s', async (_what, headers) => {
    const response = await explain({ method: 'GET', url: '/open/x' }, headers);
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('its own page does', async () => {
    const headers = { ...json, origin: at.adminUrl, 'sec-fetch-site': 'same-origin' };
    expect((await explain({ method: 'GET', url: '/open/x' }, headers)).status).toBe(200);
  });
});
