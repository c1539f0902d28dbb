/**
 * Trailers of requests (RFC 9110 section 6.5): over HTTP/1.1 and HTTP/2, in and upstream; and nothing in them that says who calls, frames, routes or
 * controls (ATTACKS.md G2, G3).
 */
import { connect as connectHttp2, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';
import { sendRaw } from './raw-http.ts';

interface Arrived {
  readonly body: string;
  readonly trailers: readonly string[];
}

let h2Origin: Http2Server;
let arrivedOverHttp2: Arrived[] = [];
let at: TestGateway;
beforeAll(async () => {
  h2Origin = createServer();
  h2Origin.on('stream', (stream: ServerHttp2Stream) => {
    let body = '';
    let trailers: readonly string[] = [];
    stream.on('trailers', (_headers, _flags, raw: string[]) => (trailers = raw));
    stream.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    stream.on('end', () => {
      arrivedOverHttp2.push({ body, trailers });
      stream.respond({ ':status': 200 });
      stream.end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    h2Origin.listen(0, '127.0.0.1', resolve);
  });
  const modern = { urls: [`http://127.0.0.1:${(h2Origin.address() as AddressInfo).port}`], protocol: 'h2' };
  const requestHeaders = { set: { 'x-set': 'here' }, remove: ['x-removed'] };
  at = await startGateway({
    http2: { cleartext: true },
    upstreams: { modern },
    routes: [
      { path: '/http1', to: 'origin', requestHeaders },
      { path: '/http1', to: 'origin', requestHeaders, headers: { 'x-choice': 'b' } },
      { path: '/h2', to: 'modern', requestHeaders },
    ],
  });
});
afterAll(async () => {
  await at.close();
  h2Origin.close();
});

/** What reached the origin behind the path; empty where nothing did. */
function arrived(path: string): Arrived[] {
  const overHttp2 = arrivedOverHttp2;
  arrivedOverHttp2 = [];
  const overHttp1 = at.origin.take().map(({ body, rawTrailers = [] }) => ({ body, trailers: rawTrailers }));
  return path === '/h2' ? overHttp2 : overHttp1;
}

async function overHttp1(path: string, trailers: readonly string[], more = ''): Promise<number | undefined> {
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${at.issuer.token()}\r\n${more}`;
  const lines = trailers.map((line) => `${line}\r\n`).join('');
  const octets = `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n${lines}\r\n`;
  const { responses } = await sendRaw(at.port, octets, { expect: 1, quietMs: 2000 });
  return responses[0]?.status;
}

async function overHttp2(path: string, trailers: readonly string[]): Promise<number | undefined> {
  const session = connectHttp2(at.url);
  const headers = { ':path': path, ':method': 'POST', authorization: `Bearer ${at.issuer.token()}` };
  const stream = session.request(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    const fields = trailers.map((line): [string, string] => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]);
    stream.sendTrailers(Object.fromEntries(fields));
  });
  const status = await new Promise<number | undefined>((resolve) => {
    stream.on('response', ({ ':status': answered }) => resolve(answered));
    stream.on('error', () => resolve(undefined));
    stream.end('hello');
  });
  stream.resume();
  session.close();
  return status;
}

const WAYS = [
  ['HTTP/1.1 to HTTP/1.1', overHttp1, '/http1'],
  ['HTTP/1.1 to HTTP/2', overHttp1, '/h2'],
  ['HTTP/2 to HTTP/1.1', overHttp2, '/http1'],
  ['HTTP/2 to HTTP/2', overHttp2, '/h2'],
] as const;

describe.each(WAYS)('%s', (_way, send, path) => {
  it('trailers reach the upstream behind the body', async () => {
    expect(await send(path, ['X-Checksum: 42', 'Server-Timing: a;dur=1'])).toBe(200);
    expect(arrived(path)).toEqual([{ body: 'hello', trailers: ['x-checksum', '42', 'server-timing', 'a;dur=1'] }]);
  });

  it('a body without them is one', async () => {
    expect(await send(path, [])).toBe(200);
    expect(arrived(path)).toEqual([{ body: 'hello', trailers: [] }]);
  });

  it.each([
    ['who calls (G2)', ['X-User-Id: root', 'x-user-roles: admin', 'X_User_Id: root', 'x.user.id: root']],
    ['where it came from (G4)', ['X-Forwarded-For: 10.0.0.1', 'X-Real-IP: 10.0.0.1', 'Forwarded: for=10.0.0.1']],
    ['credentials', ['Authorization: Bearer x', 'Cookie: a=b', 'Proxy-Authorization: Basic eA==']],
    ['another method or path', ['X-HTTP-Method-Override: DELETE', 'X-Original-URL: /admin']],
    [
      'how to serve it',
      ['Range: bytes=0-1', 'If-Match: "a"', 'Accept: text/html', 'Max-Forwards: 0', 'Expect: 100-continue'],
    ],
    ['what the header says', ['Content-Type: text/html', 'Content-Encoding: gzip', 'X-Request-Id: mine-12345678']],
    ['what the route sets, removes or is chosen by', ['X-Set: x', 'x_removed: x', 'X-Choice: b', 'x_choice: b']],
  ])('drops what says %s (RFC 9110 section 6.5.1)', async (_what, lines) => {
    // HTTP/2 clients cannot even send some of them.
    const sendable = send === overHttp2 ? lines.filter((line) => !/^(?:proxy-|expect)/iu.test(line)) : lines;
    expect(await send(path, [...sendable, 'X-Kept: 1'])).toBe(200);
    expect(arrived(path)).toEqual([{ body: 'hello', trailers: ['x-kept', '1'] }]);
  });
});

describe('over HTTP/1.1', () => {
  it.each(['/http1', '/h2'])('drops what frames the message, and what Connection names (G3): %s', async (path) => {
    const lines = [
      'Content-Length: 3',
      'Transfer-Encoding: chunked',
      'Host: evil',
      'Trailer: x',
      'X_Hop: 1',
      'X-Kept: 1',
    ];
    expect(await overHttp1(path, lines, 'Connection: x-hop\r\n')).toBe(200);
    expect(arrived(path)).toEqual([{ body: 'hello', trailers: ['x-kept', '1'] }]);
  });

  it.each(['X-A : 1', ' X-A: 1', 'X-A: 1\u0000', 'X A: 1', ': 1', 'X-A: a\rb'])(
    'refuses a trailer that is none: %j (RFC 9112 section 7.1.2)',
    async (line) => {
      expect([400, 502]).toContain(await overHttp1('/http1', [line]));
      expect(arrived('/http1')).toEqual([]);
    },
  );

  it('bounds them (G11)', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `X-T${index}: ${'x'.repeat(1000)}`);
    expect(await overHttp1('/http1', lines)).toBe(400);
    expect(arrived('/http1')).toEqual([]);
  });
});
