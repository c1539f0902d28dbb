import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, bearer, logIn, request } from '../harness/client.ts';
import { DEMO_WORKER, startDemo } from '../harness/demo.ts';
import type { Demo } from '../harness/demo.ts';
import { BAD_FORMS, BAD_JSON, CANARY } from './bad-bodies.ts';
import { rawRequest } from './raw-request.ts';
import type { RawAnswer } from './raw-request.ts';

const WORKER_AUTHORIZATION = basic(DEMO_WORKER)['authorization'] ?? '';
const JSON_ENDPOINTS = ['/v1/login', '/v1/refresh', '/v1/feed/ack'];
const FORM_ENDPOINTS = ['/oauth/token', '/oauth/introspect', '/oauth/revoke'];

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => demo.close());

/** A refusal that tells the client what it did, and nobody how the server is made. */
function expectRefusal(answer: RawAnswer): void {
  expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  expect(answer.status, answer.text).toBeLessThan(500);
  expect(answer.contentType).toMatch(/^application\/(?:problem\+)?json/u);
  const body: { code?: unknown; error?: unknown } = JSON.parse(answer.text);
  expect(typeof (body.code ?? body.error), answer.text).toBe('string');
  expect(answer.text).not.toMatch(/\bat .*:\d+:\d+|node:internal|node_modules|\.ts\b/u);
  expect(answer.text).not.toContain(CANARY);
}

describe.each(JSON_ENDPOINTS)('POST %s', (path) => {
  it.each(BAD_JSON)('refuses $name', async ({ contentType, body }) => {
    const headers = [...authorization(path), ...(contentType === undefined ? [] : ['content-type', contentType])];
    expectRefusal(
      await rawRequest({
        method: 'POST',
        url: `${demo.issuer}${path}`,
        headers,
        ...(body === undefined ? {} : { body }),
      }),
    );
  });
});

describe.each(FORM_ENDPOINTS)('POST %s', (path) => {
  it.each(BAD_FORMS)('refuses $name', async ({ contentType, body }) => {
    const headers = [...authorization(path), ...(contentType === undefined ? [] : ['content-type', contentType])];
    expectRefusal(
      await rawRequest({
        method: 'POST',
        url: `${demo.issuer}${path}`,
        headers,
        ...(body === undefined ? {} : { body }),
      }),
    );
  });

  it.each([
    ['no client', []],
    ['a client that there is not', ['authorization', basic({ id: CANARY, secret: CANARY })['authorization'] ?? '']],
    ['a wrong secret', ['authorization', basic({ id: 'orders-worker', secret: CANARY })['authorization'] ?? '']],
    ['an authorization that is none', ['authorization', `Basic ${CANARY}`]],
    ['a client twice', ['authorization', WORKER_AUTHORIZATION, 'authorization', WORKER_AUTHORIZATION]],
  ])('refuses %s (RFC 6749 section 5.2)', async (_name, credentials) => {
    const headers = ['content-type', 'application/x-www-form-urlencoded', ...credentials];
    const body = 'grant_type=client_credentials&token=x';
    expectRefusal(await rawRequest({ method: 'POST', url: `${demo.issuer}${path}`, headers, body }));
  });
});

function authorization(path: string): readonly string[] {
  return path.startsWith('/oauth/') || path.startsWith('/v1/feed') ? ['authorization', WORKER_AUTHORIZATION] : [];
}

describe('POST /v1/logout', () => {
  it.each([
    ['nothing', []],
    ['a token that is none', ['authorization', `Bearer ${CANARY}`]],
    ['another scheme', ['authorization', `Basic ${CANARY}`]],
  ])('refuses %s', async (_name, headers) => {
    expectRefusal(await rawRequest({ method: 'POST', url: `${demo.issuer}/v1/logout`, headers }));
  });
});

describe('the issuer', () => {
  it.each([
    ['GET', '/v1/login'],
    ['GET', '/oauth/token'],
    ['DELETE', '/oauth/token'],
    ['POST', '/.well-known/jwks.json'],
    ['GET', '/no/such/path'],
    ['GET', '/..%2f..%2fetc/passwd'],
    ['GET', '/v1/feed'],
    ['GET', '/v1/feed?verifier=%00'],
    ['GET', '/v1/status-lists/%ff'],
    ['GET', '/v1/status-lists/999999999999999999999'],
  ])('answers %s %s with a refusal', async (method, path) => {
    expectRefusal(await rawRequest({ method, url: `${demo.issuer}${path}` }));
  });
});

describe('the gateway', () => {
  let access = '';
  beforeAll(async () => {
    ({ access } = await logIn(demo.issuer));
  });
  const ask = (path: string, headers: readonly string[] = [], rest: { method?: string; body?: string | Buffer } = {}) =>
    rawRequest({ method: 'GET', url: `${demo.gateway}${path}`, headers, ...rest });
  const authorized = () => ['authorization', `Bearer ${access}`];

  it.each([
    '/orders/../admin',
    '/orders//1',
    '/orders/%2e%2e/admin',
    '/orders/..%2fadmin',
    '/orders/%5c..',
    '/orders/a%00b',
    '/orders/a;b=c',
    '/orders/%zz',
    '/orders/%ff',
    '/orders/%252e%252e',
    `/${'a'.repeat(20_000)}`,
  ])('refuses the path %s (ATTACKS.md G1)', async (path) => {
    expectRefusal(await ask(path, authorized()));
  });

  it.each<[string, () => readonly string[]]>([
    ['two tokens', () => [...authorized(), 'authorization', `Bearer ${CANARY}`]],
    ['a token that is none', () => ['authorization', `Bearer ${CANARY}`]],
    ['an empty token', () => ['authorization', 'Bearer ']],
    ['another scheme', () => ['authorization', `Basic ${CANARY}`]],
    ['a token of 1 MB', () => ['authorization', `Bearer ${'a'.repeat(1024 * 1024)}`]],
    ['Bearer twice', () => ['authorization', `Bearer Bearer ${access}`]],
  ])('refuses %s (ATTACKS.md G7)', async (_name, headers) => {
    expectRefusal(await ask('/orders', headers()));
  });

  it('refuses a body over the limit', async () => {
    const headers = [...authorized(), 'content-type', 'application/json'];
    expectRefusal(await ask('/orders', headers, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) }));
  });

  it.each([
    ['no body', undefined],
    ['no JSON', `{"item":"${CANARY}`],
    ['a wrong type', `{"item":["${CANARY}"]}`],
    ['nesting', '['.repeat(5000)],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('passes on what the API says to %s', async (_name, body) => {
    const headers = [...authorized(), 'content-type', 'application/json'];
    expectRefusal(await ask('/orders', headers, { method: 'POST', ...(body === undefined ? {} : { body }) }));
  });
});

describe('after all that', () => {
  it('works as before', async () => {
    const { access } = await logIn(demo.issuer);
    expect((await request(`${demo.gateway}/orders`, { headers: bearer(access) })).status).toBe(200);
  });

  it('holds no secret in what it logged, and no stack trace', async () => {
    const { access, refresh } = await logIn(demo.issuer);
    await request(`${demo.gateway}/orders`, { headers: bearer(access) });
    const log = demo.server.stdout().split('\n').slice(walkLength()).join('\n') + demo.server.stderr();
    for (const secret of [CANARY, access, refresh, 'correct horse battery', DEMO_WORKER.secret, WORKER_AUTHORIZATION]) {
      expect(log).not.toContain(secret);
    }
    expect(log).not.toContain('"stack"');
    expect(log).not.toMatch(/"level":"(?:error|fatal)"/u);
  });

  /** The walk that is printed at the start publishes the demonstration's passwords; it ends before the first line of the log. */
  function walkLength(): number {
    const lines = demo.server.stdout().split('\n');
    const first = lines.findIndex((line) => line.startsWith('{'));
    return first === -1 ? lines.length : first;
  }
});
