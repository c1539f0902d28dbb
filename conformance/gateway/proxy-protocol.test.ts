/** PROXY protocol version 2 in front of the public port: believed from the proxies that are trusted, before TLS and without (ATTACKS.md G4). */
import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connect as connectHttp2 } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, type Authority } from './certificates.ts';
import { startGateway, type TestGateway } from './fixture.ts';
import { seenValues } from './origin.ts';
import { readRaw } from './raw-http.ts';

const header = (last: number): Buffer =>
  Buffer.from([
    0x0d,
    0x0a,
    0x0d,
    0x0a,
    0,
    0x0d,
    0x0a,
    0x51,
    0x55,
    0x49,
    0x54,
    0x0a,
    0x21,
    0x11,
    0,
    12,
    192,
    0,
    2,
    last,
    127,
    0,
    0,
    1,
    9,
    9,
    1,
    187,
  ]);
const REQUEST = 'GET /open/x HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n';
const trusting = { trustProxies: ['127.0.0.1'], proxyProtocol: true, limits: { headersTimeout: '400ms' } };

function open(port: number, ...parts: (Buffer | string)[]): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  return socket;
}

const sources = (at: TestGateway): string[] => at.origin.take().flatMap((seen) => seenValues(seen, 'x-forwarded-for'));

describe('PROXY protocol', () => {
  let at: TestGateway;
  beforeAll(async () => {
    at = await startGateway({ ...trusting, http2: { cleartext: true } });
  });
  afterAll(() => at.close());

  it('names the client, whether it arrives at once, octet by octet, or with the request behind', async () => {
    await readRaw(open(at.port, Buffer.concat([header(7), Buffer.from(REQUEST)])), { quietMs: 2000, expect: 1 });
    const slow = open(at.port);
    for (const octet of header(8)) {
      slow.write(Buffer.from([octet]));
      await new Promise(setImmediate);
    }
    slow.write(REQUEST);
    await readRaw(slow, { quietMs: 2000, expect: 1 });
    expect(sources(at)).toEqual(['192.0.2.7', '192.0.2.8']);
  });

  it('works for HTTP/2 without TLS', async () => {
    const session = connectHttp2(at.url, { createConnection: () => open(at.port, header(9)) });
    const stream = session.request({ ':path': '/open/x' });
    const status = await new Promise((resolve) => {
      stream.on('response', (headers) => resolve(headers[':status']));
    });
    expect([status, sources(at)]).toEqual([200, ['192.0.2.9']]);
    session.destroy();
  });

  it('a trusted proxy that sends none, or half of one, gets nothing', async () => {
    const none = await readRaw(open(at.port, REQUEST), { quietMs: 2000 });
    expect([none.text, none.closed]).toEqual(['', true]);
    const half = await readRaw(open(at.port, header(7).subarray(0, 20)), { quietMs: 2000 });
    expect([half.text, half.closed]).toEqual(['', true]);
    expect(sources(at)).toEqual([]);
  });

  it('slow headers behind it are still cut off (G11)', async () => {
    const { responses } = await readRaw(open(at.port, header(7), 'GET /open/x HTTP/1.1\r\nHo'), { quietMs: 3000 });
    expect(responses.map(({ status }) => status)).toEqual([408]);
  });

  it('what an untrusted peer sends is no header: 400', async () => {
    const other = await startGateway({ ...trusting, trustProxies: ['192.0.2.1'] });
    const { responses } = await readRaw(open(other.port, header(7), REQUEST), { quietMs: 2000 });
    expect(responses.map(({ status }) => status)).toEqual([400]);
    await readRaw(open(other.port, REQUEST), { quietMs: 2000, expect: 1 });
    expect(sources(other)).toEqual(['127.0.0.1']);
    await other.close();
  });
});

describe('PROXY protocol before TLS', () => {
  let authority: Authority;
  let at: TestGateway;
  beforeAll(async () => {
    authority = createAuthority();
    const certificates = [authority.issue('api', ['DNS:api.test', 'IP:127.0.0.1'])];
    at = await startGateway({ ...trusting, listen: 'https://127.0.0.1:0', tls: { certificates } });
  });
  afterAll(async () => {
    await at.close();
    authority.remove();
  });

  it('names the client of the TLS connection', async () => {
    const secure = connectTls({ socket: open(at.port, header(7)), servername: 'api.test', rejectUnauthorized: false });
    secure.write(REQUEST);
    const { responses } = await readRaw(secure, { quietMs: 3000, expect: 1 });
    expect(responses.map(({ status }) => status)).toEqual([200]);
    expect(sources(at)).toEqual(['192.0.2.7']);
  });

  it('curl, which sends version 1, is refused', async () => {
    const code = await new Promise((resolve) => {
      execFile('curl', ['-sk', '--haproxy-protocol', `https://127.0.0.1:${at.port}/open/x`], (error) =>
        resolve(error?.code),
      );
    });
    expect(code).not.toBeNull();
    expect(sources(at)).toEqual([]);
  });
});
