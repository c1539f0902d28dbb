/** ATTACKS.md T24: a key set endpoint that is attacked, or attacks. Real HTTP on an ephemeral port of the loopback interface. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createRemoteKeys,
  createVerifier,
  exportJwk,
  generateKey,
  type FetchReport,
  type Key,
  type RemoteKeys,
  type RemoteKeysOptions,
} from '@sealgate/jwt';
import { AUDIENCE, claims, forge, ISSUER, NOW, verdict } from './forge.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let handler: Handler;
let requests: string[] = [];
let origin = '';
let clock = NOW;
let opened: RemoteKeys[] = [];
const reports: FetchReport[] = [];
const server = createServer((request, response) => {
  requests.push(request.url ?? '');
  handler(request, response);
});

const one = generateKey('ES256', { kid: 'one' });
const two = generateKey('ES256', { kid: 'two' });
const jwks = (...keys: Key[]): string => JSON.stringify({ keys: keys.map((key) => exportJwk(key)) });
const serve =
  (body: string, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body);

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  requests = [];
  reports.length = 0;
  clock = NOW;
  opened = [];
  handler = serve(jwks(one));
});

afterEach(async () => {
  for (const keys of opened) keys.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function remote(options: Partial<RemoteKeysOptions> = {}): RemoteKeys {
  const keys = createRemoteKeys({
    ...(options.issuer === undefined ? { jwksUri: `${origin}/jwks` } : {}),
    now: () => clock,
    random: () => 1,
    hooks: { onFetch: (report) => reports.push(report) },
    ...options,
  });
  opened.push(keys);
  return keys;
}

const find = async (keys: RemoteKeys, kid: string, source?: string): Promise<string> =>
  Promise.resolve(keys.find(kid, 'ES256', source)).then(
    (key) => key?.kid ?? 'unknown',
    (error: { code: string }) => error.code,
  );

/** Resolves once `count` fetches have ended. */
async function fetched(count: number): Promise<void> {
  while (reports.length < count) await new Promise((resolve) => setImmediate(resolve));
}

describe('T24: unknown key ids', () => {
  it('single flight: a hundred first look-ups cause one request', async () => {
    const keys = remote();
    const found = await Promise.all(Array.from({ length: 100 }, () => find(keys, 'one')));
    expect(new Set(found)).toEqual(new Set(['one']));
    expect(requests).toHaveLength(1);
  });

  it('a flood of invented ids from one source causes one request, and keeps nobody else’s new key out', async () => {
    const keys = remote();
    await keys.prefetch();
    for (let index = 0; index < 1_000; index++) {
      clock += 0.01;
      expect(await find(keys, `junk-${index}`, '203.0.113.9')).toBe('unknown');
    }
    expect(requests).toHaveLength(2);
    handler = serve(jwks(one, two));
    expect(await find(keys, 'two', '203.0.113.9')).toBe('unknown');
    expect(await find(keys, 'two', '198.51.100.1')).toBe('two');
    expect(requests).toHaveLength(3);
  });

  it('a flood from ten thousand sources causes one request a second at most, and each lets the new key in', async () => {
    const keys = remote();
    await keys.prefetch();
    handler = serve(jwks(one, two));
    for (let index = 0; index < 10_000; index++) {
      clock += 0.001;
      await find(keys, `junk-${index}`, `source-${index}`);
    }
    expect(requests.length).toBeLessThanOrEqual(12);
    expect(await find(keys, 'two', 'somebody')).toBe('two');
  });

  it('an unknown id in flight waits for the fetch under way', async () => {
    const keys = remote();
    await keys.prefetch();
    handler = serve(jwks(one, two));
    expect(await Promise.all([find(keys, 'junk', 'a'), find(keys, 'two', 'b'), find(keys, 'two', 'c')])).toEqual([
      'unknown',
      'two',
      'two',
    ]);
    expect(requests).toHaveLength(2);
  });
});

describe('T24: hostile and broken answers', () => {
  it.each<[string, Handler, RegExp]>([
    [
      'a redirect to an internal address',
      (_request, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
      /redirect/u,
    ],
    [
      'a redirect to itself',
      (request, response) => void response.writeHead(301, { location: request.url ?? '' }).end(),
      /redirect/u,
    ],
    [
      '50 MB announced',
      (_request, response) => void response.writeHead(200, { 'content-length': '50000000' }).write('x'),
      /too large/u,
    ],
    [
      '50 MB streamed',
      (_request, response) => {
        const chunk = Buffer.alloc(65_536, 0x20);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more).writeHead(200);
        more();
      },
      /too large/u,
    ],
    ['HTML', serve('<!doctype html><title>Sign in</title>'), /JSON/u],
    ['an empty body', serve(''), /JSON/u],
    ['repeated members', serve(`{"keys":[],"keys":${JSON.stringify([exportJwk(one)])}}`), /JSON/u],
    ['a list', serve('[]'), /could not be read/u],
    [
      'a set of 101 keys',
      serve(JSON.stringify({ keys: Array.from({ length: 101 }, () => exportJwk(one)) })),
      /could not be read|100/u,
    ],
    ['500', (_request, response) => void response.writeHead(500).end('oops'), /status 500/u],
    ['404', (_request, response) => void response.writeHead(404).end(), /status 404/u],
    ['304 out of nowhere', (_request, response) => void response.writeHead(304).end(), /status 304/u],
    ['a closed connection', (request) => void request.socket.destroy(), /request failed/u],
  ])('%s: no key, and the reason', async (_name, hostile, reason) => {
    handler = hostile;
    const keys = remote();
    const error: unknown = await keys.prefetch().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'JwtError' });
    expect(['keys_unavailable', 'jwks_malformed']).toContain((error as { code: string }).code);
    if ((error as { code: string }).code === 'keys_unavailable')
      expect((error as { reason: string }).reason).toMatch(reason);
    expect(keys.keys).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  it('a slow drip ends at the deadline', async () => {
    handler = (_request, response) => {
      response.writeHead(200);
      response.write('{"keys":');
      const timer = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(timer));
    };
    await expect(remote({ timeoutMs: 80 }).prefetch()).rejects.toMatchObject({ code: 'keys_unavailable', limit: 80 });
  });

  it('after a failure it waits, longer each time, before it asks again', async () => {
    handler = (_request, response) => void response.writeHead(503).end();
    const keys = remote();
    expect(await find(keys, 'one')).toBe('keys_unavailable');
    for (let index = 0; index < 50; index++) expect(await find(keys, 'one')).toBe('keys_unavailable');
    expect(requests).toHaveLength(1);
    clock += 1;
    await find(keys, 'one');
    expect(requests).toHaveLength(2);
    clock += 1.5;
    await find(keys, 'one');
    expect(requests).toHaveLength(2);
    clock += 0.5;
    handler = serve(jwks(one));
    expect(await find(keys, 'one')).toBe('one');
  });

  it.each([
    'ftp://issuer.example/',
    'http://issuer.example/jwks',
    'https://user:pw@issuer.example/',
    'https://issuer.example/#x',
    'jwks',
    '',
  ])('the address %j cannot be configured', (jwksUri) => {
    expect(() => createRemoteKeys({ jwksUri })).toThrow(TypeError);
  });
});

describe('T24: freshness', () => {
  it('serves stale while it refreshes, and honours max-age within bounds', async () => {
    handler = serve(jwks(one), { 'cache-control': 'public, max-age=120' });
    const keys = remote();
    await keys.prefetch();
    clock += 119;
    await find(keys, 'one');
    expect(requests).toHaveLength(1);
    clock += 1;
    expect(keys.find('one', 'ES256')).toMatchObject({ kid: 'one' });
    await fetched(2);
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['no-store', 60],
    ['max-age=0', 60],
    ['max-age=99999999', 86_400],
    ['max-age=x', 600],
    ['', 600],
  ])('Cache-Control %j is fresh for %i s', async (cacheControl, seconds) => {
    handler = serve(jwks(one), cacheControl === '' ? {} : { 'cache-control': cacheControl });
    const keys = remote();
    await keys.prefetch();
    clock += seconds - 1;
    void keys.find('one', 'ES256');
    expect(requests).toHaveLength(1);
    clock += 1;
    void keys.find('one', 'ES256');
    await fetched(2);
  });

  it('a 304 to its ETag keeps the very same keys', async () => {
    handler = (request, response) =>
      void (request.headers['if-none-match'] === '"v1"'
        ? response.writeHead(304).end()
        : response.writeHead(200, { etag: '"v1"' }).end(jwks(one)));
    const keys = remote();
    await keys.prefetch();
    const [before] = keys.keys;
    clock += 700;
    void keys.find('one', 'ES256');
    await fetched(2);
    expect(reports.map((report) => report.result)).toEqual(['changed', 'not_modified']);
    expect(keys.keys[0]).toBe(before);
  });

  it('on failure it serves stale for a bounded time, then nothing', async () => {
    const keys = remote({ maxStaleSeconds: 1_000 });
    await keys.prefetch();
    handler = (_request, response) => void response.writeHead(500).end();
    clock += 600;
    expect(await find(keys, 'one')).toBe('one');
    await fetched(2);
    clock += 999;
    expect(await find(keys, 'one')).toBe('one');
    await fetched(3);
    clock += 1;
    expect(keys.isCurrent(keys.keys[0]!)).toBe(false);
    clock += 60;
    expect(await find(keys, 'one')).toBe('keys_unavailable');
  });

  it('a removed key takes its cached tokens with it; the others stay', async () => {
    const keys = remote();
    handler = serve(jwks(one, two));
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys,
      algorithms: ['ES256'],
      now: () => NOW,
      cache: true,
    });
    const [first, second] = [
      forge({ alg: 'ES256', kid: 'one' }, claims, one),
      forge({ alg: 'ES256', kid: 'two' }, claims, two),
    ];
    for (const token of [first, second, first, second]) await verifier.check(token);
    for (const token of [first, second]) expect(await verifier.check(token)).toMatchObject({ cached: true });
    handler = serve(jwks(two));
    clock += 600;
    void verifier.check(second);
    await fetched(2);
    expect(verdict(await verifier.check(first, 'a'))).toBe('key_unknown');
    expect(await verifier.check(second)).toMatchObject({ ok: true, cached: true });
    expect(verifier.cache.size).toBe(1);
  });
});

describe('pushed and distrusted keys', () => {
  it('a pushed set replaces all, and a distrusted key never comes back', async () => {
    const changes: unknown[] = [];
    const keys = remote({ hooks: { onKeysChanged: (change) => changes.push(change) } });
    keys.replace(JSON.parse(jwks(one, two)));
    expect(await find(keys, 'two')).toBe('two');
    keys.distrust('two');
    expect(await find(keys, 'two')).toBe('unknown');
    keys.replace(JSON.parse(jwks(one, two)));
    await keys.prefetch();
    expect(await find(keys, 'two', 'x')).toBe('unknown');
    expect(await find(keys, 'one')).toBe('one');
    expect(changes).toEqual([
      { added: ['one', 'two'], removed: [] },
      { added: [], removed: ['two'] },
    ]);
    expect(() => keys.replace({})).toThrow(expect.objectContaining({ code: 'jwks_malformed' }));
  });

  it('an answer that was under way when a set was pushed does not undo it', async () => {
    const keys = remote();
    let release = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      handler = (_request, response) => {
        release = () => void response.writeHead(200).end(jwks(one));
        resolve();
      };
    });
    const prefetch = keys.prefetch();
    await asked;
    keys.replace(JSON.parse(jwks(two)));
    release();
    await prefetch;
    expect(keys.keys.map((key) => key.kid)).toEqual(['two']);
  });

  it('closed: what is in flight ends, nothing more is asked', async () => {
    const keys = remote();
    handler = () => undefined;
    const waiting = find(keys, 'one');
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    keys.close();
    expect(await waiting).toBe('keys_unavailable');
    await expect(keys.prefetch()).rejects.toMatchObject({ reason: 'closed' });
    expect(requests).toHaveLength(1);
  });
});

describe('discovery', () => {
  it.each([
    ['OpenID Connect', '/.well-known/openid-configuration'],
    ['RFC 8414', '/.well-known/oauth-authorization-server'],
  ])('%s', async (_name, path) => {
    handler = (request, response) => {
      if (request.url === path) response.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/keys` }));
      else if (request.url === '/keys') response.end(jwks(one));
      else response.writeHead(404).end();
    };
    expect(await find(remote({ issuer: origin }), 'one')).toBe('one');
  });

  it.each<[string, object]>([
    ['of another issuer', { issuer: 'https://other.example', jwks_uri: 'https://other.example/jwks' }],
    ['without jwks_uri', { issuer: '@' }],
    ['with a plain http jwks_uri elsewhere', { issuer: '@', jwks_uri: 'http://issuer.example/jwks' }],
    ['with a file: jwks_uri', { issuer: '@', jwks_uri: 'file:///etc/passwd' }],
  ])('a document %s is refused', async (_name, document) => {
    handler = serve(JSON.stringify(document).replace('"@"', JSON.stringify(origin)));
    await expect(remote({ issuer: origin }).prefetch()).rejects.toMatchObject({ code: 'keys_unavailable' });
    expect(requests).toHaveLength(1);
  });
});
