/**
 * What goes wrong around a gateway: instances that are down, slow, resetting or half-closing, an issuer that is away, a full disk, clients that
 * hold connections, reloads under load. In each case who is not concerned is served.
 */
import { createGateway } from '@sealgate/gateway';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { configFor, startGateway, startIssuer, type RawConfig, type TestGateway } from './fixture.ts';
import { readRaw } from './raw-http.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(overrides: RawConfig = {}): Promise<TestGateway> {
  const at = await startGateway(overrides);
  cleanups.push(() => at.close());
  return at;
}

/** An instance that does to each connection what it is told. */
async function instance(
  onRequest: (socket: Socket) => void,
  port = 0,
): Promise<{ url: string; port: number; server: Server }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => onRequest(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${bound}`, port: bound, server };
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const only = (url: string): RawConfig => ({
  upstreams: { origin: { urls: [url], retries: 0, timeout: '300ms', breaker: { failures: 1000 } } },
});
const get = async (at: TestGateway, path = '/open/x'): Promise<number> => {
  const response = await fetch(`${at.url}${path}`);
  await response.arrayBuffer();
  return response.status;
};

describe('instances', () => {
  it('down, then up: 502 until it listens, then served', async () => {
    const gone = await instance((socket) => socket.write(ANSWER));
    gone.server.close();
    const at = await start(only(gone.url));
    expect(await get(at)).toBe(502);
    await instance((socket) => socket.write(ANSWER), gone.port);
    await expect.poll(() => get(at)).toBe(200);
  });

  it.each<[string, number, (socket: Socket) => void]>([
    ['that never answers', 504, () => undefined],
    ['that resets', 502, (socket) => socket.resetAndDestroy()],
    ['that half-closes without a word', 502, (socket) => socket.end()],
    ['that half-closes behind its answer', 200, (socket) => socket.end(ANSWER)],
    [
      'that half-closes at the end of an answer without a length',
      200,
      (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nok'),
    ],
    ['that sends half a head and stops', 504, (socket) => socket.write('HTTP/1.1 200 OK\r\nX')],
    [
      'that says goodbye and keeps the connection',
      200,
      (socket) => socket.write(ANSWER.replace('OK', 'OK\r\nConnection: close')),
    ],
  ])('one %s: %i, each time, and the client’s connection goes on', async (_what, status, behave) => {
    const at = await start(only((await instance(behave)).url));
    for (let count = 0; count < 2; count++) expect(await get(at)).toBe(status);
  });

  it('one that resets in the middle of a body: the client does not take half for the whole', async () => {
    const { url } = await instance((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf');
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    const at = await start(only(url));
    await expect(get(at)).rejects.toThrow();
  });

  it('one that is slow does not slow another', async () => {
    const slow = await instance(() => undefined);
    const at = await start({
      upstreams: {
        origin: { urls: [slow.url], timeout: '2s', retries: 0 },
        other: { urls: [(await instance((socket) => socket.write(ANSWER))).url] },
      },
      routes: [
        { path: '/slow', to: 'origin', auth: 'none' },
        { path: '/fast', to: 'other', auth: 'none' },
      ],
    });
    const waiting = Array.from({ length: 20 }, () => get(at, '/slow'));
    const began = performance.now();
    expect(await get(at, '/fast')).toBe(200);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(await Promise.all(waiting)).toEqual(Array(20).fill(504));
  });
});

describe('an issuer', () => {
  it('that is away at the start: 503 for what needs it, and everything else is served', async () => {
    const issuer = await startIssuer();
    const held = await start();
    const config = configFor(held.origin.url, issuer.url);
    const token = issuer.token();
    await issuer.close();
    const gateway = await createGateway({ config });
    cleanups.push(() => gateway.close());
    const { url } = await gateway.listen();
    const ask = async (path: string) =>
      (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await ask('/open/x'), await ask('/orders/1')]).toEqual([200, 503]);
  });

  it('that goes away later: its keys are still good', async () => {
    const at = await start();
    const headers = { authorization: `Bearer ${at.issuer.token()}` };
    expect((await fetch(`${at.url}/orders/1`, { headers })).status).toBe(200);
    await at.issuer.close();
    const fresh = { authorization: `Bearer ${at.issuer.token()}` };
    expect((await fetch(`${at.url}/orders/1`, { headers: fresh })).status).toBe(200);
  });
});

describe('the machine', () => {
  it('a full disk under the log costs lines, counted, and no request', async () => {
    const at = await start({ accessLog: { to: 'file:/dev/full' } });
    const statuses = await Promise.all(Array.from({ length: 200 }, () => get(at)));
    expect(statuses).toEqual(Array(200).fill(200));
    const dropped = async (): Promise<number> => {
      const text = await (await fetch(`${at.adminUrl}/metrics`)).text();
      return Number(/^sealgate_gateway_access_log_dropped_total (\d+)$/mu.exec(text)?.[1]);
    };
    await expect.poll(dropped, { timeout: 3000 }).toBe(200);
  });

  it('a thousand clients that dribble their headers are cut off, others are served meanwhile (G11)', async () => {
    const at = await start({ limits: { headersTimeout: '1s' } });
    const slow = Array.from({ length: 1000 }, () => {
      const socket = connect(at.port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.write('GET /open/x HTTP/1.1\r\nHost: a\r\n');
      return socket;
    });
    cleanups.push(() => {
      for (const socket of slow) socket.destroy();
    });
    const dribble = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('X-A: b\r\n');
    }, 200);
    const served: number[] = [];
    while (slow.some(({ closed }) => !closed) && served.length < 1000) {
      served.push(await get(at));
      await delay(20);
    }
    clearInterval(dribble);
    expect(slow.filter(({ closed }) => closed)).toHaveLength(1000);
    expect(new Set(served)).toEqual(new Set([200]));
    expect(at.origin.take().length).toBe(served.length);
  });
});

describe('reloads', () => {
  it('twenty a second under load: no request fails that the origin answers; a bad one changes nothing', async () => {
    const at = await start();
    const stop = new AbortController();
    const statuses = new Map<number | string, number>();
    const load = Array.from({ length: 8 }, async () => {
      while (!stop.signal.aborted) {
        const headers = { authorization: `Bearer ${at.issuer.token()}` };
        const status = await fetch(`${at.url}/orders/1`, { headers }).then(
          async (response) => {
            await response.arrayBuffer();
            return response.status;
          },
          (error: unknown) => String(error),
        );
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    for (let round = 0; round < 60; round++) {
      // Another upstream each time: new connections, and old ones that end when their requests have.
      const upstream = { urls: [at.origin.url], connectTimeout: `${2000 + round}ms` };
      await at.gateway.reload(configFor(at.origin.url, at.issuer.url, { upstreams: { origin: upstream } }));
      await delay(50);
    }
    const broken = configFor(at.origin.url, at.issuer.url, {
      upstreams: { origin: { urls: ['https://127.0.0.1:1'], tls: { ca: '/nowhere/ca.pem' } } },
    });
    await expect(at.gateway.reload(broken)).rejects.toMatchObject({ code: 'tls_unusable' });
    stop.abort();
    await Promise.all(load);
    expect([...statuses.keys()]).toEqual([200]);
    expect(await get(at)).toBe(200);
  });

  it('a long answer goes on over a reload that drops its upstream', async () => {
    const { url } = await instance((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
      setTimeout(() => socket.write('cd'), 300);
    });
    const at = await start(only(url));
    const socket = connect(at.port, '127.0.0.1');
    socket.write('GET /open/x HTTP/1.1\r\nHost: a\r\n\r\n');
    const answered = readRaw(socket, { quietMs: 3000, expect: 1 });
    await delay(100);
    await at.gateway.reload(configFor(at.origin.url, at.issuer.url));
    expect((await answered).responses[0]?.body).toBe('abcd');
  });
});
