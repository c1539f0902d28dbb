/**
 * HTTP/2 in: the same decision as for HTTP/1.1, over real connections and over frames that no library would send (RFC 9113
 * sections 8 and 10.5; ATTACKS.md G2, G10, G11).
 */
import { connect, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';
import { ask } from './http2-client.ts';
import { frame, headersFrame, readFrames, type Frame } from './raw-http2.ts';
import { seenValues } from './origin.ts';

const LIMITS = {
  headersTimeout: '500ms',
  requestTimeout: '800ms',
  keepAlive: '1s',
  headerSize: '8kb',
  urlLength: '4kb',
  headerCount: 40,
};
const CLEARTEXT = { http2: { cleartext: true, maxStreams: 20 }, limits: LIMITS };

let at: TestGateway;
let session: ClientHttp2Session;
beforeAll(async () => {
  at = await startGateway(CLEARTEXT);
});
beforeEach(() => {
  at.origin.take();
  session = connect(at.url);
  session.on('error', () => undefined);
  return () => session.destroy();
});
afterAll(() => at.close());

const bearer = (): string => `Bearer ${at.issuer.token()}`;

describe('HTTP/2 requests', () => {
  it('pass the same check, and the origin sees one HTTP/1.1 request', async () => {
    const authorization = bearer();
    const answer = await ask(session, {
      ':path': '/orders/1?x=1',
      authorization,
      'x-user-id': 'root',
      'x-mine': 'yes',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-request-id']).toBeDefined();
    const [seen, ...more] = at.origin.take();
    expect(more).toEqual([]);
    expect([seen!.method, seen!.target]).toEqual(['GET', '/orders/1?x=1']);
    expect(seenValues(seen!, 'x-user-id')).toEqual(['alice']);
    expect(seenValues(seen!, 'x-mine')).toEqual(['yes']);
    expect(seenValues(seen!, 'authorization')).toEqual([]);
    expect(seenValues(seen!, 'x-forwarded-for')).toEqual(['127.0.0.1']);
  });

  it.each([
    ['no token', { ':path': '/orders/1' }, 401],
    ['a path with two readings', { ':path': '/orders/../admin/x' }, 400],
    ['an encoded slash', { ':path': '/orders%2f1' }, 400],
    ['no route, no token', { ':path': '/nowhere' }, 401],
    ['a long path', { ':path': `/open/${'a'.repeat(7000)}` }, 414],
    ['asterisk form', { ':method': 'OPTIONS', ':path': '*' }, 400],
  ])('are refused alike: %s', async (_what, headers, status) => {
    expect((await ask(session, headers)).status).toBe(status);
    expect(at.origin.take()).toEqual([]);
  });

  it('bodies of known and unknown length, and none, arrive whole and once', async () => {
    const post = { ':method': 'POST', ':path': '/open/x' };
    await ask(session, { ...post, 'content-length': '5' }, 'hello');
    await ask(session, post, 'x'.repeat(100_000));
    await ask(session, post);
    const seen = at.origin.take();
    expect(seen.map(({ body }) => body.length)).toEqual([5, 100_000, 0]);
    expect(seen.map((request) => seenValues(request, 'content-length'))).toEqual([['5'], [], []]);
  });

  it('joins the crumbs of a cookie (RFC 9113 section 8.2.3)', async () => {
    await ask(session, { ':path': '/open/x', cookie: ['a=1', 'b=2', 'c=3'] });
    expect(seenValues(at.origin.take()[0]!, 'cookie')).toEqual(['a=1; b=2; c=3']);
  });

  it('a body over the limit: 413, and the origin does not see a whole request', async () => {
    const post = { ':method': 'POST', ':path': '/open/x' };
    const declared = session.request({ ...post, 'content-length': '2000000' }, { endStream: false });
    declared.on('error', () => undefined);
    const status = await new Promise((resolve) => {
      declared.on('response', (headers) => resolve(headers[':status']));
    });
    expect(status).toBe(413);
    const answer = await ask(session, post, 'x'.repeat(1_200_000));
    expect(answer.status).toBe(413);
    expect(at.origin.take()).toEqual([]);
  });

  it('a request that does not arrive in time: 408, others unaffected', async () => {
    const stream = session.request({ ':method': 'POST', ':path': '/open/x' }, { endStream: false });
    stream.on('error', () => undefined);
    const status = await new Promise((resolve) => {
      stream.on('response', (headers) => resolve(headers[':status']));
    });
    expect(status).toBe(408);
    expect((await ask(session, { ':path': '/open/x' })).status).toBe(200);
  });

  it('a hundred at once on one connection, no more streams than allowed', async () => {
    await ask(session, { ':path': '/open/x' });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ask(session, { ':path': `/open/${index}` })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(session.remoteSettings.maxConcurrentStreams).toBe(20);
  });

  it('a client that resets ends the work upstream', async () => {
    let left = 0;
    at.origin.on('/open/hang', (req) => void req.socket.on('close', () => left++));
    const stream = session.request({ ':path': '/open/hang' });
    stream.on('error', () => undefined);
    await expect.poll(() => at.origin.take().length).toBe(1);
    stream.close(8);
    await expect.poll(() => left).toBe(1);
  });

  it('trailers of an HTTP/1.1 origin become trailers; those that may not stand there do not', async () => {
    at.origin.on('/open/trailers', (_req, res) => {
      res.writeHead(200, { trailer: 'x-sum, set-cookie' });
      res.write('body');
      res.addTrailers([
        ['x-sum', 'abc'],
        ['set-cookie', 'a=1'],
        ['content-length', '3'],
      ]);
      res.end();
    });
    const answer = await ask(session, { ':path': '/open/trailers' });
    expect(answer.body).toBe('body');
    expect(Object.fromEntries(Object.entries(answer.trailers))).toEqual({ 'x-sum': 'abc' });
  });

  it('a slow reader holds back the origin, not the memory of the gateway', async () => {
    let sent = 0;
    at.origin.on('/open/flood', (_req, res) => {
      const more = (): void => {
        while (sent < 200_000_000 && res.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      res.on('drain', more).on('error', () => undefined);
      more();
    });
    const stream = session.request({ ':path': '/open/flood' });
    stream.on('error', () => undefined);
    await new Promise((resolve) => {
      stream.once('response', resolve);
    });
    stream.pause();
    let before = -1;
    await expect.poll(() => before === (before = sent), { interval: 200 }).toBe(true);
    expect(sent).toBeLessThan(20_000_000);
  });
});

describe('HTTP/2 by frames', () => {
  const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);
  const open = (): Socket => {
    const socket = connectTcp(at.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(PREFACE);
    return socket;
  };
  const usual: [string, string][] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/open/x'],
    [':authority', 'api.test'],
  ];
  const without = (name: string): [string, string][] => usual.filter(([field]) => field !== name);
  const END = 0x5;

  it.each<[string, [string, string][], string?]>([
    ['host and :authority that differ', [...usual, ['host', 'other.test']]],
    ['neither host nor :authority', without(':authority')],
    ['user information in :authority', [...without(':authority'), [':authority', 'a@api.test']]],
    ['a second :path', [...usual, [':path', '/admin/x']]],
    ['a pseudo-header field after a field', [...without(':path'), ['x-a', '1'], [':path', '/open/x']]],
    ['an unknown pseudo-header field', [...usual, [':user', 'root']]],
    ['no :path', without(':path')],
    ['an empty :path', [...without(':path'), [':path', '']]],
    ['connection', [...usual, ['connection', 'x-user-id']]],
    ['transfer-encoding', [...usual, ['transfer-encoding', 'chunked']]],
    ['upgrade', [...usual, ['upgrade', 'websocket']]],
    ['te other than trailers', [...usual, ['te', 'gzip']], 'te'],
    ['a name in capitals', [...usual, ['X-Mine', '1']], 'x-mine'],
    ['a name with a space', [...usual, ['x mine', '1']], 'x-mine'],
    ['a line break in a value', [...usual, ['x-mine', 'a\r\nx-user-id: root']], 'x-mine'],
    ['NUL in a value', [...usual, ['x-mine', 'a\0b']], 'x-mine'],
    ['a line break in :path', [...without(':path'), [':path', '/open/x\r\nx-user-id: root']]],
    ['a space in :path', [...without(':path'), [':path', '/open/x HTTP/1.1']]],
    ['a content-length that the body contradicts', [...usual, ['content-length', '5']]],
    ['two lengths', [...usual, ['content-length', '0'], ['content-length', '1']]],
    [
      'CONNECT',
      [
        [':method', 'CONNECT'],
        [':authority', 'api.test:22'],
      ],
    ],
  ])('%s: never reaches the origin', async (_what, fields, leftOut) => {
    const socket = open();
    socket.write(headersFrame(1, END, fields));
    const frames = await readFrames(socket, (all) => all.some(({ type, stream }) => stream === 1 || type === 7), 2000);
    expect(frames.some(({ type, stream }) => (stream === 1 && (type === 3 || type === 1)) || type === 7)).toBe(true);
    const seen = at.origin.take();
    // nghttp2 leaves out a field that no field may be, and goes on with the request.
    if (leftOut === undefined) expect(seen).toEqual([]);
    for (const request of seen) {
      expect(seenValues(request, leftOut ?? '')).toEqual([]);
      expect(seenValues(request, 'x-user-id')).toEqual([]);
    }
    expect(seen.length).toBeLessThan(2);
    socket.destroy();
  });

  it('host alone, or equal to :authority, is fine', async () => {
    const socket = open();
    socket.write(headersFrame(1, END, [...without(':authority'), ['host', 'api.test']]));
    socket.write(headersFrame(3, END, [...usual, ['host', 'API.test']]));
    await readFrames(
      socket,
      (all) => all.filter(({ flags, stream }) => stream > 0 && (flags & 1) === 1).length === 2,
      2000,
    );
    expect(at.origin.take().map((request) => seenValues(request, 'x-forwarded-host')[0])).toEqual([
      'api.test',
      'api.test',
    ]);
    socket.destroy();
  });

  /** Asks on a new connection: one that asked nothing for a while is gone. */
  async function stillServes(): Promise<number> {
    const other = connect(at.url);
    const { status } = await ask(other, { ':path': '/open/still' });
    other.destroy();
    return status;
  }

  /** Writes until the gateway ends the connection; then asks on another whether it still serves. */
  async function flood(make: (round: number) => Buffer): Promise<Frame[]> {
    const socket = open();
    const frames: Promise<Frame[]> = readFrames(socket, () => false, 8000);
    for (let round = 0; round < 3000 && !socket.destroyed; round++) {
      if (!socket.write(make(round))) {
        await new Promise<void>((resolve) => {
          socket.once('drain', resolve).once('close', resolve);
        });
      }
      if (round % 50 === 0) await new Promise(setImmediate);
    }
    await expect.poll(() => socket.destroyed, { timeout: 8000 }).toBe(true);
    expect(await stillServes()).toBe(200);
    return frames;
  }

  it('rapid reset (CVE-2023-44487) ends the connection, after few requests', async () => {
    await flood((round) => {
      const stream = 2 * round + 1;
      return Buffer.concat([headersFrame(stream, END, usual), frame(3, 0, stream, Buffer.from([0, 0, 0, 8]))]);
    });
    await delay(50);
    expect(at.origin.take().length).toBeLessThan(500);
  });

  it('a flood of CONTINUATION ends the connection (CVE-2024-27983)', async () => {
    const block = headersFrame(1, 0, [['x-a', 'b'.repeat(100)]]).subarray(9);
    await flood((round) => (round === 0 ? headersFrame(1, 0, usual) : frame(9, 0, 1, block)));
    expect(at.origin.take().filter(({ target }) => target !== '/open/still')).toEqual([]);
  });

  it.each<[string, (round: number) => Buffer]>([
    ['PING', () => Buffer.concat(Array.from({ length: 50 }, () => frame(6, 0, 0, Buffer.alloc(8))))],
    ['SETTINGS', () => Buffer.concat(Array.from({ length: 50 }, () => frame(4, 0, 0)))],
  ])('a flood of %s, unread, ends the connection', async (_what, make) => {
    const socket = open();
    socket.pause();
    for (let round = 0; round < 2000 && !socket.destroyed; round++) {
      socket.write(make(round));
      if (round % 20 === 0) await new Promise(setImmediate);
    }
    socket.resume();
    await expect.poll(() => socket.destroyed, { timeout: 8000 }).toBe(true);
    expect(await stillServes()).toBe(200);
  });

  it.each([
    ['sends nothing more', Buffer.alloc(0)],
    ['begins a header and leaves it', headersFrame(1, 0, usual)],
  ])('a client that %s is let go', async (_what, octets) => {
    const socket = open();
    socket.write(octets);
    const frames = await readFrames(socket, () => false, 5000);
    expect(frames.length).toBeGreaterThan(0);
    expect(socket.destroyed).toBe(true);
  });
});
