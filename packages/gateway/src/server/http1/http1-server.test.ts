/** Over real sockets: what a connection does with requests, responses and time (RFC 9112). */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { limitsSchema } from '../../config/schema.ts';
import { ClientConnection } from '../client-connection.ts';
import type { Http1Request } from './client-request.ts';
import type { Http1Response } from './client-response.ts';
import type { Http1Connection } from './connection.ts';
import { createHttp1Server, type Http1Server } from './http1-server.ts';

const ignore = (): void => undefined;

type Handler = (request: Http1Request, response: Http1Response, connection: Http1Connection) => void;

let closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing) close();
  closing = [];
});

interface Running {
  readonly http1: Http1Server;
  readonly server: Server;
  readonly refused: string[];
  readonly timedOut: string[];
  readonly port: number;
}

async function serve(handler: Handler, limits: Record<string, unknown> = {}, onUpgrade?: Handler): Promise<Running> {
  const [refused, timedOut]: string[][] = [[], []];
  const begin = (take: Handler) => (request: Http1Request, response: Http1Response, connection: Http1Connection) => {
    take(request, response, connection);
    return {
      answer(code: string) {
        timedOut!.push(code);
        response.writeHead(408, ['content-length', '0']);
        response.end();
      },
    };
  };
  const http1 = createHttp1Server({
    limits: limitsSchema.parse(limits),
    monotonicMs: () => performance.now(),
    now: () => 784_111_777,
    makeId: () => 'a-request-id',
    onRefused: (code) => refused!.push(code),
    onRequest: begin(handler),
    onUpgrade: onUpgrade === undefined ? undefined : begin(onUpgrade),
  });
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
    http1.accept(socket, new ClientConnection(socket, 1)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    http1.destroy();
    server.close();
  });
  return { http1, server, refused: refused!, timedOut: timedOut!, port: (server.address() as AddressInfo).port };
}

/** Sends octets and reads until the server has ended the connection. */
async function talk(port: number, ...parts: string[]): Promise<string> {
  const socket = open(port);
  const text = readAll(socket);
  for (const part of parts) await new Promise<void>((resolve) => socket.write(part, 'latin1', () => resolve()));
  return text;
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  closing.push(() => socket.destroy());
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}

const hello: Handler = (request, response) => {
  response.writeHead(200, ['content-type', 'text/plain']);
  response.end(`${request.method} ${request.url}`);
};
const DATE = 'date: Sun, 06 Nov 1994 08:49:37 GMT\r\n';
const KEPT = 'connection: keep-alive\r\nkeep-alive: timeout=65\r\n';

describe('responses', () => {
  it('say their length, their date and what becomes of the connection', async () => {
    const { port } = await serve(hello);
    expect(
      await talk(port, 'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'),
    ).toBe(
      `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${DATE}content-length: 6\r\n${KEPT}\r\nGET /1` +
        `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${DATE}content-length: 6\r\nconnection: close\r\n\r\nGET /2`,
    );
  });

  it('of unknown length come in chunks with trailers behind (section 7.1)', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, []);
      response.write(Buffer.from('abc'), ignore);
      response.write(Buffer.alloc(5000, 'x'), ignore);
      response.addTrailers([['x-sum', '1']]);
      response.end('\u20ac');
    });
    expect(await talk(port, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).toBe(
      `HTTP/1.1 200 OK\r\n${DATE}transfer-encoding: chunked\r\nconnection: close\r\n\r\n` +
        `3\r\nabc\r\n1388\r\n${'x'.repeat(5000)}\r\n3\r\n\u00e2\u0082\u00ac\r\n0\r\nx-sum: 1\r\n\r\n`,
    );
  });

  it('to HTTP/1.0 end with the connection', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, []);
      response.write(Buffer.from('abc'), ignore);
      response.end();
    });
    expect(await talk(port, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')).toBe(
      `HTTP/1.1 200 OK\r\n${DATE}connection: close\r\n\r\nabc`,
    );
  });

  it('to HEAD, and of status 204 and 304, have no body, whatever is written', async () => {
    const { port } = await serve((request, response) => {
      response.writeHead(Number(request.url.slice(1)), ['content-length', '3']);
      response.write(Buffer.from('abc'), ignore);
      response.end();
    });
    const text = await talk(
      port,
      'HEAD /200 HTTP/1.1\r\nHost: h\r\n\r\nGET /304 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    expect(text).toBe(
      `HTTP/1.1 200 OK\r\ncontent-length: 3\r\n${DATE}${KEPT}\r\nHTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n${DATE}connection: close\r\n\r\n`,
    );
  });

  it.each([
    ['a name', ['x\r\ny', 'z']],
    ['a value', ['x', 'y\r\nset-cookie: z']],
    ['a value beyond latin1', ['x', '\u20ac']],
  ])('refuse %s that no field may have', async (_name, fields) => {
    const faults: unknown[] = [];
    const { port } = await serve((_request, response) => {
      try {
        response.writeHead(200, fields);
      } catch (error) {
        faults.push(error);
        response.writeHead(500, []);
        response.end();
      }
    });
    expect(await talk(port, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 500 /u);
    expect(faults).toEqual([expect.any(TypeError)]);
  });
});

describe('requests', () => {
  it('that come together are answered one by one, however many', async () => {
    const { port } = await serve(hello);
    const many = Array.from({ length: 200 }, (_, index) => `GET /${index} HTTP/1.1\r\nHost: h\r\n\r\n`).join('');
    const text = await talk(port, `${many}GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(text.match(/GET \/\d+/gu)).toEqual(Array.from({ length: 200 }, (_, index) => `GET /${index}`));
    expect(text.endsWith('GET /last')).toBe(true);
  });

  it('may arrive octet by octet', async () => {
    const { port } = await serve(hello);
    expect(await talk(port, ...Array.from('\r\nGET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'))).toMatch(
      /GET \/a$/u,
    );
  });

  it('wait until a body that nobody wants has passed', async () => {
    const { port } = await serve(hello);
    const text = await talk(
      port,
      'POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234',
      '56789GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    expect(text.match(/(?:GET|POST) \/\d/gu)).toEqual(['POST /1', 'GET /2']);
  });

  it('give their body to who takes it, and hold back while it is not taken', async () => {
    const taken: string[] = [];
    const { port } = await serve((request, response) => {
      request.on('data', (chunk) => {
        taken.push(chunk.toString());
        request.pause();
        setImmediate(() => request.resume());
      });
      request.on('end', () => {
        response.writeHead(200, []);
        response.end(taken.join(''));
      });
      setImmediate(() => request.resume());
    });
    const text = await talk(
      port,
      'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      '2\r\nde\r\n0\r\n\r\n',
    );
    expect(text.endsWith('abcde')).toBe(true);
  });

  it('are told to go on when they ask (RFC 9110 section 10.1.1)', async () => {
    const { port } = await serve((request, response) => {
      response.writeContinue();
      request.on('end', () => hello(request, response, undefined as never));
      request.resume();
    });
    const socket = open(port);
    const text = readAll(socket);
    socket.write(
      'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n',
    );
    await once(socket, 'data');
    socket.write('a');
    expect(await text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/u);
  });

  it('that will never be one are not waited for', async () => {
    const { port, refused } = await serve(hello);
    expect(await talk(port, 'GET / HTTP/1.1\n')).toMatch(/^HTTP\/1\.1 400 /u);
    expect(refused).toEqual(['request_malformed']);
  });

  it('that break off within their body end the exchange', async () => {
    const closed: string[] = [];
    const { port, timedOut } = await serve((request) => {
      request.on('close', () => closed.push(request.url));
      request.resume();
    });
    expect(await talk(port, 'POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')).toMatch(
      /^HTTP\/1\.1 408 /u,
    );
    expect([closed, timedOut]).toEqual([['/x'], ['request_malformed']]);
  });
});

describe('connections', () => {
  it('that ask nothing are closed without a word', async () => {
    const { port } = await serve(hello, { headersTimeout: '200ms', keepAlive: '200ms' });
    expect(await talk(port)).toBe('');
    expect(await talk(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n')).toMatch(/GET \/$/u);
  });

  it('whose client does not read are let go', async () => {
    const { port } = await serve(
      (_request, response) => {
        response.writeHead(200, []);
        response.write(Buffer.alloc(32 * 1024 * 1024), ignore);
      },
      { requestTimeout: '300ms' },
    );
    const socket = open(port);
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await once(socket, 'readable');
    // Nothing more is read: the socket says so only once it is looked at.
    const gone = once(socket, 'close');
    setTimeout(() => socket.resume(), 1500);
    await gone;
  });

  it('whose client reads slowly get all of a response, also when the connection is to end with it', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, []);
      response.write(Buffer.alloc(8 * 1024 * 1024), ignore);
      response.end('the end');
    });
    const socket = open(port);
    socket.write('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    await once(socket, 'readable');
    // Longer than the server waits for a client to close its side.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text = chunk.toString('latin1').slice(-20)));
    await once(socket, 'close');
    expect(text).toMatch(/the end\r\n0\r\n\r\n$/u);
  });

  it('that are drained in the moment of an answer still send it', async () => {
    const { http1, port } = await serve((_request, response) => {
      response.writeHead(200, ['content-length', '4']);
      response.end('done');
      http1.drain();
    });
    expect(await talk(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/\r\n\r\ndone$/u);
  });

  it('take no new request while draining, and end with the response under way', async () => {
    const answer: (() => void)[] = [];
    const { port, http1 } = await serve((request, response) => {
      answer.push(() => hello(request, response, undefined as never));
      arrived();
    });
    let arrived: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const idle = open(port);
    await once(idle, 'connect');
    const idleGone = once(idle, 'close');
    idle.resume();
    const text = talk(port, 'GET /1 HTTP/1.1\r\nHost: h\r\n\r\n');
    await begun;
    http1.drain();
    await idleGone;
    answer[0]?.();
    expect(await text).toMatch(/GET \/1$/u);
  });

  it('are handed over whole to who speaks another protocol from here on', async () => {
    const ended: string[] = [];
    const { port } = await serve(hello, {}, (_request, response, connection) => {
      response.on('close', () => ended.push('response'));
      const socket = connection.detach();
      socket.once('close', () => ended.push('connection'));
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      socket.once('data', (chunk: Buffer) => socket.end(`echo ${chunk.toString()}`));
      socket.resume();
    });
    const text = await talk(
      port,
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nfirst',
    );
    expect(text).toBe('HTTP/1.1 101 Switching Protocols\r\n\r\necho first');
    // The response is no longer part of it: whoever took the connection says how it ended, once.
    await vi.waitUntil(() => ended.length > 0);
    expect(ended).toEqual(['connection']);
  });
});
