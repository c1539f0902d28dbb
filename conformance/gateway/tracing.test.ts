/** Traces: W3C Trace Context in and out, spans at a collector that is strict about OTLP, and nothing of it where it is not configured. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGateway, type RawConfig, type TestGateway } from './fixture.ts';
import { startCollector, type CollectedSpan, type Collector } from './otlp-collector.ts';
import { seenValues, type SeenRequest } from './origin.ts';
import { readRaw } from './raw-http.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const SERVER = 2;
const CLIENT = 3;

let folder: string;
let collector: Collector;
let at: TestGateway;
const ROUTES = [
  { name: 'orders', path: '/orders/**', to: 'origin', require: { scopes: ['orders:read'] } },
  { path: '/broken/**', to: 'broken', auth: 'none' },
  { path: '/{any}/**', to: 'origin', auth: 'none' },
];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-tracing-'));
  collector = await startCollector();
  at = await start({ acceptFrom: 'anybody' }, { accessLog: { to: `file:${path.join(folder, 'access.log')}` } });
});
afterAll(async () => {
  await at.close();
  await collector.close();
  rmSync(folder, { recursive: true });
});

const start = (tracing: RawConfig, more: RawConfig = {}) =>
  startGateway({
    tracing: { endpoint: collector.url, ...tracing },
    routes: ROUTES,
    upstreams: { broken: { urls: ['http://127.0.0.1:9'], retries: 0 } },
    ...more,
  });

const call = async (gateway: TestGateway, target: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${gateway.url}${target}`, { headers });
  await response.arrayBuffer();
  const [seen] = gateway.origin.take();
  const [requestId] = [response.headers.get('x-request-id')];
  return { status: response.status, seen, requestId };
};
const parentOf = (seen: SeenRequest | undefined): string[] =>
  (seen === undefined ? [] : seenValues(seen, 'traceparent')[0]?.split('-')) ?? [];
/** Its spans, when they have arrived. */
const spansOf = (requestId: string | null, count: number): Promise<CollectedSpan[]> =>
  vi.waitUntil(
    () => {
      const own = collector.spans.find(({ attributes }) => attributes['sealgate.request_id'] === requestId);
      const found = collector.spans.filter(({ traceId }) => traceId === own?.traceId);
      return found.length >= count ? found : undefined;
    },
    { timeout: 5000 },
  );

describe('a trace', () => {
  it('begins here where the caller has none: two spans, and the upstream continues it', async () => {
    const headers = { authorization: `Bearer ${at.issuer.token()}` };
    const { seen, requestId } = await call(at, '/orders/1?secret=x', headers);
    const [server, client] = await spansOf(requestId, 2);
    expect(server).toMatchObject({
      kind: SERVER,
      name: 'GET /orders/**',
      parentSpanId: undefined,
      service: 'sealgate-gateway',
      failed: false,
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'http.route': '/orders/**',
        'url.path': '/orders/1',
        'url.scheme': 'http',
        'network.protocol.version': '1.1',
        'client.address': '127.0.0.1',
        'sealgate.verdict': 'allowed',
        'sealgate.route': 'orders',
      },
    });
    expect(client).toMatchObject({
      kind: CLIENT,
      name: 'GET',
      traceId: server?.traceId,
      parentSpanId: server?.spanId,
      failed: false,
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'server.port': at.origin.port,
        'url.full': `${at.origin.url}/orders/1`,
      },
    });
    expect(parentOf(seen)).toEqual(['00', server?.traceId, client?.spanId, '01']);
    expect(server!.startNs <= client!.startNs && client!.startNs <= client!.endNs).toBe(true);
    const hour = 3_600_000_000_000n;
    expect(BigInt(Date.now()) * 1_000_000n - server!.endNs < hour).toBe(true);
  });

  it('is continued, its state passed on', async () => {
    const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'rojo=1, congo=t61' };
    const { seen, requestId } = await call(at, '/open/x', headers);
    const [server, client] = await spansOf(requestId, 2);
    expect(server).toMatchObject({ traceId: TRACE, parentSpanId: CALLER });
    expect(parentOf(seen)).toEqual(['00', TRACE, client?.spanId, '01']);
    expect(seenValues(seen!, 'tracestate')).toEqual(['rojo=1,congo=t61']);
  });

  it('that its caller does not record is not recorded here, but goes on', async () => {
    const other = TRACE.replace('0a', '0b');
    const { seen } = await call(at, '/open/x', { traceparent: `00-${other}-${CALLER}-00` });
    expect(parentOf(seen).toSpliced(2, 1)).toEqual(['00', other, '00']);
    const { requestId } = await call(at, '/open/after');
    await spansOf(requestId, 2);
    expect(collector.spans.filter(({ traceId }) => traceId === other)).toEqual([]);
  });

  it.each([
    ['malformed', { traceparent: `00-${TRACE}-${CALLER}`, tracestate: 'a=1' }],
    ['of zeros', { traceparent: `00-${'0'.repeat(32)}-${CALLER}-01`, tracestate: 'a=1' }],
    ['without a parent', { tracestate: 'a=1' }],
  ])('%s begins anew, without the state', async (_what, headers) => {
    const { seen } = await call(at, '/open/x', headers);
    const [version, traceId, , flags] = parentOf(seen);
    expect([version, flags]).toEqual(['00', '01']);
    expect(traceId).toMatch(/^[0-9a-f]{32}$/u);
    expect([TRACE, '0'.repeat(32)]).not.toContain(traceId);
    expect(seenValues(seen!, 'tracestate')).toEqual([]);
  });

  it('with two parents begins anew; a malformed state is dropped alone', async () => {
    const socket = connect(at.port, '127.0.0.1');
    const parent = `traceparent: 00-${TRACE}-${CALLER}-01\r\n`;
    socket.write(
      `GET /open/1 HTTP/1.1\r\nHost: a\r\n${parent}${parent}\r\nGET /open/2 HTTP/1.1\r\nHost: a\r\n${parent}tracestate: A=1\r\n\r\n`,
    );
    await readRaw(socket, { quietMs: 2000, expect: 2 });
    const [first, second] = at.origin.take();
    expect(seenValues(first!, 'traceparent')).toHaveLength(1);
    expect(parentOf(first)[1]).not.toBe(TRACE);
    expect([parentOf(second)[1], seenValues(second!, 'tracestate')]).toEqual([TRACE, []]);
  });

  it('has one span for a request that is refused, and says why', async () => {
    const { status, requestId } = await call(at, '/orders/1');
    const [server, ...more] = await spansOf(requestId, 1);
    expect(status).toBe(401);
    expect(server).toMatchObject({
      failed: false,
      attributes: { 'http.response.status_code': 401, 'sealgate.verdict': 'token_missing', 'http.route': '/orders/**' },
    });
    expect(more).toEqual([]);
  });

  it('says of an upstream that cannot be reached what went wrong', async () => {
    const { status, requestId } = await call(at, '/broken/x');
    const [server, client] = await spansOf(requestId, 2);
    expect(status).toBe(502);
    expect(server).toMatchObject({ failed: true, attributes: { 'error.type': '502' } });
    expect(client).toMatchObject({ failed: true, attributes: { 'error.type': 'upstream_unreachable' } });
  });

  it('stands in the access log and with the decision', async () => {
    const headers = { traceparent: `00-${TRACE}-${CALLER}-01` };
    const { requestId } = await call(at, '/orders/1', headers);
    const decision: unknown = await (await fetch(`${at.adminUrl}/decisions/${requestId}`)).json();
    expect(decision).toMatchObject({ requestId, traceId: TRACE, code: 'token_missing' });
    const line = await vi.waitUntil(() =>
      readFileSync(path.join(folder, 'access.log'), 'utf8')
        .split('\n')
        .find((text) => requestId !== null && text.includes(requestId)),
    );
    expect(JSON.parse(line)).toMatchObject({ trace_id: TRACE });
  });

  it('holds no token, no query, no header of the client', async () => {
    const token = at.issuer.token();
    const cookie = `session=canary-cookie`;
    const { requestId } = await call(at, `/orders/${token}?key=canary-query`, {
      authorization: `Bearer ${token}`,
      cookie,
      'user-agent': 'canary-agent',
    });
    await spansOf(requestId, 2);
    const text = collector.bodies.join('\n');
    expect(text).not.toMatch(/canary|eyJ/u);
    expect(text).toContain('/orders/[token]');
  });

  it('was told to the collector as its protocol has it', () => {
    expect(collector.faults).toEqual([]);
    expect(collector.spans.length).toBeGreaterThan(10);
  });
});

describe('whose word counts', () => {
  const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'a=1' };
  it.each([
    ['nobody', ['127.0.0.1'], false],
    ['proxies', [], false],
    ['proxies', ['127.0.0.1'], true],
    ['anybody', [], true],
  ])('%s, from a peer where %j are trusted: %s', async (acceptFrom, trustProxies, isContinued) => {
    const gateway = await start({ acceptFrom, sampleRatio: 0 }, { trustProxies });
    const { seen } = await call(gateway, '/open/x', headers);
    await gateway.close();
    expect(parentOf(seen)[1] === TRACE).toBe(isContinued);
    expect(seenValues(seen!, 'tracestate')).toEqual(isContinued ? ['a=1'] : []);
    expect(parentOf(seen)[3]).toBe(isContinued ? '01' : '00');
  });

  it('a share is drawn of the traces that begin here', async () => {
    const gateway = await start({ sampleRatio: 0.5 });
    const flags: (string | undefined)[] = [];
    for (let count = 0; count < 64; count++) flags.push(parentOf((await call(gateway, '/open/x')).seen)[3]);
    await gateway.close();
    expect(new Set(flags)).toEqual(new Set(['00', '01']));
  });
});

describe('the collector', () => {
  it('gets the headers that it asks for, and what waits when the gateway closes', async () => {
    process.env['TEST_COLLECTOR_KEY'] = 'a key';
    const gateway = await start({ headers: { 'x-key': 'env:TEST_COLLECTOR_KEY' }, serviceName: 'edge' });
    const { requestId } = await call(gateway, '/open/x');
    await gateway.close();
    const own = collector.spans.filter(({ attributes }) => attributes['sealgate.request_id'] === requestId);
    expect(own).toMatchObject([{ service: 'edge' }]);
    expect(collector.headers).toMatchObject({ 'x-key': 'a key' });
  });

  it('that is busy is asked again with the same spans; one that refuses them is not', async () => {
    const gateway = await start({});
    const total = async (result: string): Promise<number> => {
      const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
      return Number(new RegExp(`^sealgate_gateway_spans_total\\{result="${result}"\\} (\\d+)$`, 'mu').exec(text)?.[1]);
    };
    collector.answerWith(503);
    const busy = await call(gateway, '/open/x');
    await spansOf(busy.requestId, 2);
    collector.answerWith(400);
    await call(gateway, '/open/x');
    await expect.poll(() => total('dropped'), { timeout: 5000 }).toBe(2);
    expect(await total('exported')).toBe(2);
    await gateway.close();
  });

  it('that is away costs no request, and no more memory than the queue', async () => {
    const gateway = await start({ endpoint: 'http://127.0.0.1:9/v1/traces' });
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await call(gateway, '/open/x')).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    await gateway.close();
  });
});

describe('without `tracing`', () => {
  it('trace headers pass as they came', async () => {
    const gateway = await startGateway({ routes: ROUTES, upstreams: { broken: {} } });
    const traceparent = `00-${TRACE}-${CALLER}-01`;
    const { seen } = await call(gateway, '/open/x', { traceparent, tracestate: 'A' });
    expect([seenValues(seen!, 'traceparent'), seenValues(seen!, 'tracestate')]).toEqual([[traceparent], ['A']]);
    expect((await call(gateway, '/open/x')).seen?.rawHeaders).not.toContain('traceparent');
    await gateway.close();
  });
});
