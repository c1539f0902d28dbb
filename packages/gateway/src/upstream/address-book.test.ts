import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Target } from './target.ts';
import type { ResponseHandler } from './transport.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(address: string, port = 0): Promise<{ port: number; open: () => number }> {
  let open = 0;
  const server = createServer((_req, res) => void res.end(address));
  server.on('connection', (socket) => {
    open++;
    socket.on('close', () => open--);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(port, address, resolve);
  });
  return { port: (server.address() as AddressInfo).port, open: () => open };
}

function ask(target: Target): Promise<string> {
  return new Promise((resolve) => {
    let body = '';
    const handler: ResponseHandler = {
      onHead: () => undefined,
      onData: (buffer, start, end) => (body += buffer.toString('latin1', start, end)),
      onEnd: () => resolve(body),
      onFault: (fault) => resolve(fault),
    };
    const request = { method: 'GET', target: '/', host: target.host, fields: [], body: undefined, chunked: false };
    target.connections.send(request, handler);
  });
}

describe('host names of upstreams', () => {
  it('new addresses are used, and connections to those that are gone end', async () => {
    const first = await serve('127.0.0.2');
    const second = await serve('127.0.0.3', first.port);
    let addresses = ['127.0.0.2'];
    const target = new Target({
      url: `http://orders.test:${first.port}`,
      weight: 1,
      protocol: 'http1',
      tls: undefined,
      resolve: (host) => (host === 'orders.test' ? Promise.resolve(addresses) : Promise.reject(new Error(host))),
      resolveEveryMs: 20,
      onAddresses: () => undefined,
      connectTimeoutMs: 2000,
      headersTimeoutMs: 2000,
      idleTimeoutMs: 2000,
      maxConnections: 10,
      breakerFailures: 3,
      breakerCooldownMs: 1000,
      monotonicMs: () => performance.now(),
    });
    expect(await ask(target)).toBe('127.0.0.2');
    addresses = ['127.0.0.3'];
    await expect.poll(() => ask(target)).toBe('127.0.0.3');
    await expect.poll(first.open).toBe(0);
    // An address that refuses connections does not stop those that have another.
    addresses = ['127.0.0.4', '127.0.0.3'];
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await Promise.all(Array.from({ length: 8 }, () => ask(target)))).toEqual(Array(8).fill('127.0.0.3'));
    // A name that resolves to nothing for a while keeps what it had.
    addresses = [];
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await ask(target)).toBe('127.0.0.3');
    expect(second.open()).toBeGreaterThan(0);
    await target.close(true);
  });
});
