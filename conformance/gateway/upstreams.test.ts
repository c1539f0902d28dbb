/** Several instances, some of them ill: who gets a request, and what the client is told (RFC 9110 sections 9.2.2 and 15.6). */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createGateway } from '@sealgate/gateway';
import { configFor, startIssuer, type RawConfig } from './fixture.ts';
import { startOrigin, type Origin } from './origin.ts';
import { sendRaw } from './raw-http.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function origins(count: number): Promise<Origin[]> {
  const started = await Promise.all(Array.from({ length: count }, () => startOrigin()));
  for (const origin of started) cleanups.push(() => origin.close());
  return started;
}

/** A server that does to each connection what it is told. */
async function rawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function gateway(urls: readonly string[], upstream: RawConfig = {}): Promise<string> {
  const issuer = await startIssuer();
  cleanups.push(() => issuer.close());
  const config = configFor('http://127.0.0.1:1', issuer.url, {
    upstreams: { origin: { urls, ...upstream } },
    routes: [{ path: '/**', to: 'origin', auth: 'none' }],
  });
  const made = await createGateway({ config });
  cleanups.push(() => made.close());
  return (await made.listen()).url;
}

const answer = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, init);
  const body: unknown = await response.json();
  return {
    status: response.status,
    code: typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined,
  };
};

async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return `http://127.0.0.1:${port}`;
}

describe('several instances', () => {
  it('share the requests', async () => {
    const started = await origins(3);
    const url = await gateway(
      started.map((origin) => origin.url),
      { balance: 'round-robin' },
    );
    for (let index = 0; index < 9; index++) await answer(`${url}/x`);
    expect(started.map((origin) => origin.take().length)).toEqual([3, 3, 3]);
  });

  it('one that is down is passed over at once, for every method, since nothing was sent to it', async () => {
    const [up] = await origins(1);
    const url = await gateway([await deadUrl(), up!.url], { balance: 'round-robin' });
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      for (let index = 0; index < 2; index++) {
        expect((await answer(`${url}/x`, { method, ...(method === 'GET' ? {} : { body: 'once' }) })).status).toBe(200);
      }
    }
    expect(up!.take().map(({ method }) => method)).toEqual([
      'GET',
      'GET',
      'POST',
      'POST',
      'PUT',
      'PUT',
      'DELETE',
      'DELETE',
    ]);
  });

  it('one that its health check finds ill gets nothing, until it is well', async () => {
    const started = await origins(2);
    let well = false;
    started[1]!.on('/healthz', (_req, res) => void res.writeHead(well ? 200 : 503).end());
    const url = await gateway(
      started.map((origin) => origin.url),
      {
        balance: 'round-robin',
        health: { path: '/healthz', every: '100ms', timeout: '500ms', healthyAfter: 1, unhealthyAfter: 1 },
      },
    );
    const served = () => started.map((origin) => origin.take().filter(({ target }) => target === '/x').length);
    await expect.poll(async () => (await answer(`${url}/x`), served()[1]), { timeout: 5000 }).toBe(0);
    for (let index = 0; index < 4; index++) await answer(`${url}/x`);
    expect(served()).toEqual([4, 0]);
    well = true;
    await expect.poll(async () => (await answer(`${url}/x`), served()[1]), { timeout: 5000 }).toBe(1);
  });

  it('hashing on a header keeps its callers on one instance', async () => {
    const started = await origins(3);
    const url = await gateway(
      started.map((origin) => origin.url),
      { balance: 'hash', hashOn: 'header:X-Tenant' },
    );
    for (let index = 0; index < 6; index++) await answer(`${url}/x`, { headers: { 'x-tenant': 'acme' } });
    expect(started.map((origin) => origin.take().length).toSorted((left, right) => left - right)).toEqual([0, 0, 6]);
  });
});

describe('failures', () => {
  it('nobody there: 502', async () => {
    const url = await gateway([await deadUrl()]);
    expect(await answer(`${url}/x`)).toEqual({ status: 502, code: 'upstream_unreachable' });
  });

  it('too slow: 504, and the connection is given up', async () => {
    const ended: Promise<unknown>[] = [];
    const origin = await rawServer((socket) => {
      socket.resume();
      ended.push(
        new Promise((resolve) => {
          socket.once('close', resolve);
        }),
      );
    });
    const url = await gateway([origin], { timeout: '150ms', retries: 0 });
    expect(await answer(`${url}/x`)).toEqual({ status: 504, code: 'upstream_timeout' });
    await Promise.all(ended);
  });

  it('breaks off before it answers: a GET is tried again, a POST never', async () => {
    const seen: string[] = [];
    const origin = await rawServer((socket) => {
      socket.once('data', (chunk: Buffer) => {
        seen.push(chunk.toString('latin1').split(' ')[0] ?? '');
        socket.destroy();
      });
    });
    const url = await gateway([origin], { retries: 1 });
    expect((await answer(`${url}/x`)).status).toBe(502);
    expect((await answer(`${url}/x`, { method: 'POST', body: 'once' })).status).toBe(502);
    expect((await answer(`${url}/x`, { method: 'DELETE' })).status).toBe(502);
    expect(seen).toEqual(['GET', 'GET', 'POST', 'DELETE']);
  });

  it('breaks off in its answer: the client never takes half for a whole', async () => {
    const origin = await rawServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
    });
    const url = await gateway([origin]);
    const response = await fetch(`${url}/x`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nX: a\r\n b: c\r\nContent-Length: 2\r\n\r\nok'],
    ['a control character in a field', 'HTTP/1.1 200 OK\r\nX: a\u0001b\r\nContent-Length: 2\r\n\r\nok'],
    ['a bare CR in a field', 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok'],
  ])('%s from the upstream: 502', async (_name, octets) => {
    const origin = await rawServer((socket) => {
      socket.on('data', () => socket.write(octets, 'latin1'));
    });
    const url = await gateway([origin], { retries: 0 });
    expect(await answer(`${url}/x`)).toEqual({ status: 502, code: 'upstream_unreachable' });
  });

  it('an answer nobody asked for is never given to the next request', async () => {
    const origin = await rawServer((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}');
        setImmediate(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"ok":"stolen"}'));
      });
    });
    const url = await gateway([origin]);
    for (let index = 0; index < 20; index++) expect(await (await fetch(`${url}/x`)).text()).toBe('{"ok":true}');
  });

  it('keeps failing: the circuit opens, the client is told at once, and one request tries later', async () => {
    let failing = true;
    const [origin] = await origins(1);
    origin!.on('/x', (_req, res) => void res.writeHead(failing ? 503 : 200).end('{}'));
    const url = await gateway([origin!.url], { breaker: { failures: 3, cooldown: '200ms' } });
    for (let index = 0; index < 3; index++) expect((await answer(`${url}/x`)).code).toBeUndefined();
    expect(await answer(`${url}/x`)).toEqual({ status: 503, code: 'upstream_unavailable' });
    expect(origin!.take()).toHaveLength(3);
    failing = false;
    await expect.poll(async () => (await answer(`${url}/x`)).status, { timeout: 5000, interval: 50 }).toBe(200);
  });

  it('more requests than connections wait for one', async () => {
    const [origin] = await origins(1);
    const url = await gateway([origin!.url], { maxConnections: 2 });
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await answer(`${url}/x`)).status));
    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(origin!.connections()).toBeLessThanOrEqual(2);
  });

  it('answers before it has read the body: the client gets the answer', async () => {
    const origin = await rawServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'));
    });
    const url = await gateway([origin]);
    const octets = `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(100_000)}`;
    const { responses } = await sendRaw(Number(new URL(url).port), octets, { expect: 1, quietMs: 2000 });
    expect(responses[0]).toMatchObject({ status: 413, body: 'no' });
  });
});
