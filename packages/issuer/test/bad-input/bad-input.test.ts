/** Bad input at every endpoint: a 4xx with a code, no stack trace, nothing secret in the log (ATTACKS.md I8). */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WORKER, basic, startIssuer, type Answer, type IssuerUnderTest } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const FORM_ENDPOINTS = ['/oauth/token', '/oauth/introspect', '/oauth/revoke'];
const JSON_ENDPOINTS = ['/v1/login', '/v1/refresh', '/v1/logout', '/v1/feed/ack'];
const ENDPOINTS = [...FORM_ENDPOINTS, ...JSON_ENDPOINTS];

function expectRefusal({ status, headers, body, text }: Answer): void {
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(body['code'] ?? body['error']).toMatch(/^[a-z_]+$/u);
  expect(text).not.toMatch(/node_modules|\.ts:\d|at .*\(/u);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/u);
  expect(headers.get('x-request-id')).toMatch(/^[\w.-]{8,64}$/u);
}

/** What `fetch` would not send. */
function postRaw(path: string, body: string | Buffer, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(issuer.url + path, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => {
        const pairs = Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]);
        const json: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
        resolve({ status: response.statusCode ?? 0, headers: new Headers(pairs), text, body: json });
      });
    });
    request.once('error', reject);
    request.end(body);
  });
}

const authorization = basic(WORKER);
const typeOf = (path: string) => (path.startsWith('/oauth') ? 'application/x-www-form-urlencoded' : 'application/json');

describe.each(ENDPOINTS)('POST %s', (path) => {
  it.each<[string, string | Buffer, Record<string, string>]>([
    ['no body', '', {}],
    ['an empty body of the right type', '', { 'content-type': typeOf(path) }],
    [
      'the other endpoints’ type',
      'a=b',
      { 'content-type': path.startsWith('/oauth') ? 'application/json' : 'application/x-www-form-urlencoded' },
    ],
    ['text', 'hello', { 'content-type': 'text/plain' }],
    ['a type that is none', 'hello', { 'content-type': '/' }],
    ['multipart', '--x\r\n\r\n--x--', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['2 MB', Buffer.alloc(2_000_000, 'a'), { 'content-type': typeOf(path) }],
    ['17 KiB', Buffer.alloc(17 * 1024, 'a'), { 'content-type': typeOf(path) }],
    ['bytes that are not UTF-8', Buffer.from('{"a":"\xff\xfe"}&\xff', 'latin1'), { 'content-type': typeOf(path) }],
    ['NUL bytes', Buffer.alloc(100), { 'content-type': typeOf(path) }],
    ['deep nesting', `${'['.repeat(8000)}${']'.repeat(8000)}`, { 'content-type': typeOf(path) }],
    ['deep nesting, not closed', '{"a":'.repeat(3000), { 'content-type': typeOf(path) }],
    ['a long word', 'a'.repeat(16_000), { 'content-type': typeOf(path) }],
    [
      '__proto__',
      path.startsWith('/oauth') ? '__proto__=1' : '{"__proto__":{"a":1}}',
      { 'content-type': typeOf(path) },
    ],
  ])('refuses %s', async (_name, body, headers) => {
    expectRefusal(await postRaw(path, body, headers));
    expectRefusal(await postRaw(path, body, { ...headers, authorization }));
  });
});

describe.each(JSON_ENDPOINTS)('POST %s', (path) => {
  it.each([
    ['an array', '[]'],
    ['a string', '"text"'],
    ['null', 'null'],
    ['a byte order mark', '\ufeff{}'],
    ['a member twice', '{"refresh_token":"a","refresh_token":"b"}'],
    ['a member twice, once escaped', '{"refresh_token":"a","refresh\\u005ftoken":"b"}'],
    ['a member twice, deep inside', '{"refresh_token":[{"a":{"b":1,"b":2}}]}'],
    ['an unknown member', '{"surprise":1}'],
    ['trailing commas', '{"a":1,}'],
    ['an infinite number', '{"seq":1e999,"connection":"a"}'],
  ])('refuses %s', async (_name, body) => {
    const answer = await issuer.postJson(path, body, { authorization });
    expectRefusal(answer);
  });
});

describe('paths and methods', () => {
  it.each([
    ['GET', '/oauth/token', 405],
    ['PUT', '/v1/login', 405],
    ['DELETE', '/.well-known/jwks.json', 405],
    ['GET', '/', 404],
    ['GET', '/v1/status-lists/0', 404],
    ['GET', '/v1/status-lists/999', 404],
    ['GET', '/v1/status-lists/..%2f1', 404],
    ['GET', `/v1/status-lists/${'9'.repeat(100)}`, 404],
    ['GET', '/%', 400],
    ['GET', '/v1/feed?verifier=%00', 401],
  ])('%s %s answers %i', async (method, path, status) => {
    const response = await fetch(issuer.url + path, { method });
    expect(response.status).toBe(status);
    const body: Record<string, unknown> = JSON.parse(await response.text());
    expect(body['code']).toMatch(/^[a-z_]+$/u);
    if (status === 405) expect(response.headers.get('allow')).toMatch(/^(?:GET|POST)$/u);
  });

  it('keeps a caller’s request id if it is harmless, and makes one if it is not', async () => {
    const kept = await issuer.get('/healthz', { 'x-request-id': 'abcdefgh-1' });
    expect(kept.headers.get('x-request-id')).toBe('abcdefgh-1');
    const made = await issuer.get('/healthz', { 'x-request-id': 'a b' });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/u);
  });
});

describe('the log', () => {
  it.each(['/oauth/token', '/v1/login'])(
    'takes a client of %s that goes in the middle of its body for no failure of ours',
    async (path) => {
      const before = issuer.log.length;
      const { hostname, port } = new URL(issuer.url);
      const socket = net.connect(Number(port), hostname);
      const head = [
        `POST ${path} HTTP/1.1`,
        `host: ${hostname}`,
        `content-type: ${typeOf(path)}`,
        'content-length: 100',
      ];
      // `100 Continue` says that the head was read and the body is awaited.
      socket.write([...head, 'expect: 100-continue', '', ''].join('\r\n'));
      await once(socket, 'data');
      socket.write('half');
      socket.resetAndDestroy();
      const said = () => issuer.log.slice(before).join('');
      await vi.waitFor(() => expect(said()).toMatch(/"refusal_code":"request_aborted"/u));
      expect(said()).not.toMatch(/a request failed/u);
    },
  );

  it('holds no password, secret, token or key, whatever went wrong', async () => {
    const canary = 'canary-7f3a9c-canary-7f3a9c-canary-7f3a9c';
    const tokens = await issuer.login();
    await issuer.refresh(tokens.refresh_token);
    await issuer.postJson('/v1/login', { username: canary, password: canary, client_id: 'orders-web' });
    await issuer.postJson('/v1/login', { username: 'a', password: canary, client_id: canary, [canary]: canary });
    await issuer.postJson('/v1/refresh', { refresh_token: canary, client_id: 'orders-web' });
    await issuer.postJson('/v1/logout', { refresh_token: canary }, { authorization: `Bearer ${canary}` });
    await issuer.postJson('/v1/logout', `{"${canary}`);
    await issuer.post('/oauth/token', { grant_type: canary, client_id: canary, client_secret: canary });
    await issuer.post(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      { authorization: basic({ id: 'x', secret: canary }) },
    );
    await issuer.get(`/${canary}?${canary}`, { authorization: canary, cookie: canary });
    const log = issuer.log.join('');
    expect(log).toMatch(/refused/u);
    for (const secret of [canary, tokens.refresh_token, tokens.access_token, WORKER.secret, 'correct horse']) {
      expect(log).not.toContain(secret);
    }
  });
});
