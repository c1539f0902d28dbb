/** ATTACKS.md G12: streams and upgrades pass the same check, flow both ways, and end when their token dies. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';
import { seenValues } from './origin.ts';
import { readRaw } from './raw-http.ts';

let at: TestGateway;
beforeAll(async () => {
  at = await startGateway({
    routes: [
      { path: '/events', to: 'origin' },
      {
        path: '/socket',
        to: 'origin',
        responseHeaders: { set: { 'x-edge': 'ours' }, remove: ['x-internal'] },
        securityHeaders: true,
      },
      { path: '/open/**', to: 'origin', auth: 'none' },
    ],
  });
  at.origin.on('/events', (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: 1\n\n');
    const timer = setInterval(() => res.write('data: more\n\n'), 50);
    res.on('close', () => clearInterval(timer));
  });
  at.origin.onUpgrade((req, socket) => {
    const accept = createHash('sha1')
      .update(`${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    const user = req.headers['x-user-id'] ?? '';
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nX-Saw-User: ${String(user)}\r\nX-Internal: secret\r\nX-Edge: theirs\r\n\r\n`,
    );
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.on('error', () => undefined);
  });
});
afterAll(() => at.close());

const handshake = (path: string, token?: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: api.test',
    'Connection: keep-alive, Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'X-User-Id: root',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    '\r\n',
  ].join('\r\n');

describe('G12: server-sent events', () => {
  it('arrive one by one, the header before the first', async () => {
    const response = await fetch(`${at.url}/events`, { headers: { authorization: `Bearer ${at.issuer.token()}` } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(Buffer.from(value ?? '').toString()).toContain('data: 1');
    await reader.cancel();
  });

  it('end when the token expires', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) + 2;
    const token = at.issuer.token({ exp: expiresAt });
    const response = await fetch(`${at.url}/events`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(expiresAt);
    expect(Date.now() / 1000).toBeLessThan(expiresAt + 2);
  });
});

describe('G12: WebSocket', () => {
  it('is refused like any request without a token, and nothing is upgraded', async () => {
    const socket = connect(at.port, '127.0.0.1');
    socket.write(handshake('/socket'));
    const { responses, closed } = await readRaw(socket, { quietMs: 1000 });
    expect(responses.map(({ status }) => status)).toEqual([401]);
    expect(closed).toBe(true);
  });

  it('passes with one: identity set, octets both ways', async () => {
    const socket = connect(at.port, '127.0.0.1');
    socket.write(handshake('/socket', at.issuer.token()));
    const [first] = (await once(socket, 'data')) as [Buffer];
    const head = first.toString('latin1');
    expect(head).toMatch(/^HTTP\/1\.1 101 /u);
    expect(head.toLowerCase()).toContain('sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=');
    expect(head.toLowerCase()).toContain('x-saw-user: alice');
    // What the route says of answers holds for this one.
    expect(head.toLowerCase()).toContain('x-edge: ours');
    expect(head.toLowerCase()).toContain('x-content-type-options: nosniff');
    expect(head).not.toMatch(/x-internal|theirs/iu);
    socket.write('ping-octets');
    const [echo] = (await once(socket, 'data')) as [Buffer];
    expect(echo.toString()).toBe('ping-octets');
    const closed = once(socket, 'close');
    socket.end();
    await closed;
  });

  it('ends when its token expires', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) + 2;
    const socket = connect(at.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(handshake('/socket', at.issuer.token({ exp: expiresAt })));
    await once(socket, 'data');
    await once(socket, 'close');
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(expiresAt);
    expect(Date.now() / 1000).toBeLessThan(expiresAt + 2);
  });

  it('any other upgrade is an ordinary request', async () => {
    const socket = connect(at.port, '127.0.0.1');
    socket.write(
      'GET /open/x HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    );
    const { responses } = await readRaw(socket, { quietMs: 1000, expect: 1 });
    expect(responses[0]?.status).toBe(200);
    const seen = at.origin.take().filter(({ target }) => target === '/open/x');
    expect(seen).toHaveLength(1);
    expect([seenValues(seen[0]!, 'upgrade'), seenValues(seen[0]!, 'http2-settings')]).toEqual([[], []]);
  });
});

describe('bodies', () => {
  it('flow both ways at once', async () => {
    at.origin.on('/open/echo', (req, res) => {
      res.writeHead(200);
      req.pipe(res);
    });
    const socket = connect(at.port, '127.0.0.1');
    socket.write(
      'POST /open/echo HTTP/1.1\r\nHost: a\r\nX-Early: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n',
    );
    let text = '';
    while (!text.includes('first')) text += String(((await once(socket, 'data')) as [Buffer])[0]);
    socket.write('6\r\nsecond\r\n0\r\n\r\n');
    while (!text.includes('second')) text += String(((await once(socket, 'data')) as [Buffer])[0]);
    socket.destroy();
  });

  it('trailers of the upstream reach the client', async () => {
    at.origin.on('/open/trailers', (_req, res) => {
      res.writeHead(200, { trailer: 'x-sum' });
      res.write('body');
      res.addTrailers({ 'x-sum': '42' });
      res.end();
    });
    const socket = connect(at.port, '127.0.0.1');
    socket.write('GET /open/trailers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const { text } = await readRaw(socket, { quietMs: 1000 });
    expect(text).toContain('x-sum: 42');
  });

  it('100-continue is asked for only once the request may pass', async () => {
    const ask = async (path: string) => {
      const socket = connect(at.port, '127.0.0.1');
      socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
      const [first] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return first.toString('latin1').slice(0, 12);
    };
    expect(await ask('/socket')).toBe('HTTP/1.1 401');
    expect(await ask('/open/x')).toBe('HTTP/1.1 100');
  });
});
