/** ATTACKS.md G11: what a client may send is bounded in size, number and time, and one that abuses it costs the others nothing. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';
import { readRaw, sendRaw } from './raw-http.ts';

let at: TestGateway;
beforeAll(async () => {
  at = await startGateway({
    limits: {
      headerSize: '4kb',
      headerCount: 20,
      urlLength: '256b',
      headersTimeout: '400ms',
      requestTimeout: '800ms',
      connections: 500,
    },
    defaults: { bodyLimit: '1kb' },
  });
});
afterAll(() => at.close());

const one = async (octets: string) => {
  const { responses, closed } = await sendRaw(at.port, octets, { quietMs: 2500, expect: 1 });
  return { status: responses[0]?.status, code: codeOf(responses[0]?.body), closed, seen: at.origin.take().length };
};

function codeOf(body: string | undefined): unknown {
  const value: unknown = JSON.parse(body ?? '{}');
  return typeof value === 'object' && value !== null && 'code' in value ? value.code : undefined;
}

describe('G11: sizes', () => {
  it.each([
    ['a long path: 414', `GET /open/${'a'.repeat(300)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414, 'url_too_long'],
    ['a long query: 414', `GET /open/x?${'a'.repeat(300)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414, 'url_too_long'],
    [
      'a long header: 431',
      `GET /open/x HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(5000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['many headers: 431', `GET /open/x HTTP/1.1\r\nHost: a\r\n${'X: a\r\n'.repeat(30)}\r\n`, 431, 'headers_too_large'],
    [
      'headers without end: 431',
      `GET /open/x HTTP/1.1\r\nHost: a\r\n${'X: aaaaaaaaaa\r\n'.repeat(1000)}`,
      431,
      'headers_too_large',
    ],
    [
      'a declared body over the limit: 413',
      'POST /open/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1025\r\n\r\n',
      413,
      'body_too_large',
    ],
    [
      'an unknown expectation: 417',
      'POST /open/x HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\na',
      417,
      'expectation_unknown',
    ],
  ])('%s', async (_name, octets, status, code) => {
    expect(await one(octets)).toMatchObject({ status, code, seen: 0 });
  });

  it('a chunked body over the limit: 413, and the origin never has it whole', async () => {
    const chunk = `400\r\n${'a'.repeat(1024)}\r\n`;
    const result = await one(
      `POST /open/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
    );
    expect(result).toMatchObject({ status: 413, code: 'body_too_large', seen: 0 });
  });

  it('a body of exactly the limit passes, declared or chunked', async () => {
    const body = 'a'.repeat(1024);
    const declared = await one(`POST /open/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1024\r\n\r\n${body}`);
    expect(declared).toMatchObject({ status: 200, seen: 1 });
    const chunked = await one(
      `POST /open/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n${body}\r\n0\r\n\r\n`,
    );
    expect(chunked).toMatchObject({ status: 200, seen: 1 });
  });

  it('chunk extensions cannot be used to send without end', async () => {
    const { responses } = await sendRaw(
      at.port,
      `POST /open/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;${'x'.repeat(40_000)}\r\nhello\r\n0\r\n\r\n`,
      { quietMs: 1500 },
    );
    for (const { status } of responses) expect(status).toBeGreaterThanOrEqual(400);
    expect(at.origin.take()).toEqual([]);
  });
});

describe('G11: time', () => {
  it.each([
    ['slow headers', 'GET /open/x HTTP/1.1\r\nHost: a\r\nX-Slow: '],
    ['a slow body', 'POST /open/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc'],
    ['slow chunks', 'POST /open/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe'],
  ])('%s: 408, connection closed', async (_name, octets) => {
    const { responses, closed } = await sendRaw(at.port, octets, { quietMs: 4000 });
    expect(responses.map(({ status }) => status)).toEqual([408]);
    expect(codeOf(responses[0]?.body)).toBe('request_timeout');
    expect(closed).toBe(true);
    expect(at.origin.take()).toEqual([]);
  });

  it('a hundred slow clients do not keep others waiting', async () => {
    const slow: Socket[] = [];
    for (let index = 0; index < 100; index++) {
      const socket = connect(at.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write('GET /open/x HTTP/1.1\r\nHost: a\r\nX: ');
      slow.push(socket);
    }
    for (let index = 0; index < 20; index++) {
      expect((await one(`GET /open/${index} HTTP/1.1\r\nHost: a\r\n\r\n`)).status).toBe(200);
    }
    for (const socket of slow) socket.destroy();
  });

  it('a slow reader holds back its own upstream response, and no other', async () => {
    let sent = 0;
    at.origin.on('/open/large', (_req, res) => {
      const chunk = Buffer.alloc(64 * 1024);
      const write = (): void => {
        while (!res.destroyed && sent < 64 * 1024 * 1024) {
          sent += chunk.length;
          if (!res.write(chunk)) {
            res.once('drain', write);
            return;
          }
        }
        res.end();
      };
      write();
    });
    const socket = connect(at.port, '127.0.0.1');
    socket.pause();
    socket.write('GET /open/large HTTP/1.1\r\nHost: a\r\n\r\n');
    for (let index = 0; index < 20; index++) await one(`GET /open/${index} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const held = sent;
    expect(held).toBeLessThan(32 * 1024 * 1024);
    socket.destroy();
  });

  it('a client that leaves ends the work of the upstream', async () => {
    const gone = new Promise<void>((resolve) => {
      at.origin.on('/open/wait', (req) => {
        socket.destroy();
        req.socket.once('close', () => resolve());
      });
    });
    const socket = connect(at.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /open/wait HTTP/1.1\r\nHost: a\r\n\r\n');
    await gone;
    at.origin.take();
  });

  it('a connection that carries half a request and ends is no request', async () => {
    const socket = connect(at.port, '127.0.0.1');
    socket.end('POST /open/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
    const { responses } = await readRaw(socket, { quietMs: 1500 });
    for (const { status } of responses) expect(status).toBeGreaterThanOrEqual(400);
    expect(at.origin.take()).toEqual([]);
  });
});
