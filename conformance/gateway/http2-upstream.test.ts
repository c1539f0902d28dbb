/** HTTP/2 to an instance: requests, streams both ways, connections that end (RFC 9113 sections 6.8 and 8). */
import {
  createServer as createHttp2Origin,
  connect,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';

describe('HTTP/2 upstream', () => {
  let origin: Http2Server;
  let through: TestGateway;
  let sessions = 0;
  beforeAll(async () => {
    origin = createHttp2Origin({ settings: { maxConcurrentStreams: 10 } });
    origin.on('session', () => sessions++);
    origin.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) => {
      const path = headers[':path'] ?? '';
      stream.on('error', () => undefined);
      if (path.startsWith('/open/reset')) {
        stream.close(2);
      } else if (path.startsWith('/open/refused')) {
        stream.close(7);
      } else if (path.startsWith('/open/echo')) {
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'abc', 'set-cookie': 'a=1' }));
        stream.pipe(stream);
      } else {
        let body = '';
        stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
        const answer = (): void => {
          stream.respond({ ':status': 200, 'content-type': 'application/json' });
          stream.end(JSON.stringify({ raw, body }));
        };
        stream.on('end', () => void setTimeout(answer, path.startsWith('/open/slow') ? 400 : 0));
      }
    });
    await new Promise<void>((resolve) => {
      origin.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
    through = await startGateway({
      http2: { cleartext: true },
      upstreams: { origin: { urls: [url], protocol: 'h2' } },
    });
  });
  afterAll(async () => {
    await through.close();
    origin.close();
  });

  it('HTTP/1.1 in: one request, identity and all, over a connection that is kept', async () => {
    const authorization = `Bearer ${through.issuer.token()}`;
    for (let count = 0; count < 3; count++) {
      const headers = { authorization, 'x-user-id': 'root', connection: 'keep-alive' };
      const response = await fetch(`${through.url}/orders/1?x=1`, { method: 'POST', headers, body: 'hello' });
      const { raw, body } = (await response.json()) as { raw: string[]; body: string };
      expect(body).toBe('hello');
      const values = (name: string) => raw.filter((_, index) => index % 2 === 1 && raw[index - 1] === name);
      expect(values(':path')).toEqual(['/orders/1?x=1']);
      expect(values('x-user-id')).toEqual(['alice']);
      expect(values('te')).toEqual(['trailers']);
      expect([...values('connection'), ...values('transfer-encoding'), ...values('authorization')]).toEqual([]);
    }
    expect(sessions).toBe(1);
  });

  it('sixty at once use more connections when one has no more streams', async () => {
    const all = await Promise.all(Array.from({ length: 60 }, (_, index) => fetch(`${through.url}/open/slow/${index}`)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(60);
    expect(sessions).toBeGreaterThan(1);
    expect(sessions).toBeLessThan(12);
  });

  it('both ways at once over HTTP/2, with trailers at the end', async () => {
    const client = connect(through.url);
    const stream = client.request({ ':method': 'POST', ':path': '/open/echo' }, { endStream: false });
    let trailers: IncomingHttpHeaders = {};
    stream.on('trailers', (fields) => (trailers = fields));
    const heard: string[] = [];
    stream.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    for (const word of ['one', 'two', 'three']) {
      stream.write(word);
      await expect.poll(() => heard.join(' ')).toContain(word);
    }
    stream.end();
    await new Promise((resolve) => {
      stream.on('close', resolve);
    });
    expect(Object.fromEntries(Object.entries(trailers))).toEqual({ 'x-sum': 'abc' });
    client.destroy();
  });

  it.each([
    ['/open/reset', 502],
    ['/open/refused', 502],
  ])('%s: %i, and the connection goes on', async (path, status) => {
    expect((await fetch(`${through.url}${path}`, { method: 'POST', body: 'x' })).status).toBe(status);
    expect((await fetch(`${through.url}/open/x`)).status).toBe(200);
  });

  it('an instance that says goodbye and comes back fails no request', async () => {
    let failed = 0;
    const stop = new AbortController();
    const load = (async () => {
      while (!stop.signal.aborted) if ((await fetch(`${through.url}/open/x`)).status !== 200) failed++;
    })();
    const live: ServerHttp2Session[] = [];
    origin.on('session', (one) => live.push(one));
    for (let count = 0; count < 5; count++) {
      await delay(40);
      for (const one of live.splice(0)) one.close();
    }
    stop.abort();
    await load;
    expect(failed).toBe(0);
  });
});
