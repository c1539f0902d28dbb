/** The OpenTelemetry Collector itself: takes the spans of the gateway as they are meant. What it prints (its debug exporter) is what it understood. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startServer, type StartedServer } from '../../gateway/debian-server.ts';
import { startGateway, type TestGateway } from '../../gateway/fixture.ts';
import { COLLECTOR, folderOf } from './peers.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

let collector: StartedServer;
let at: TestGateway;
beforeAll(async () => {
  collector = await startServer({
    program: path.join(folderOf(COLLECTOR), 'collector'),
    debianPackage: undefined,
    files: (folder, port) => ({
      'collector.yaml': `
receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters: { debug: { verbosity: detailed } }
service:
  pipelines: { traces: { receivers: [otlp], exporters: [debug] } }
  telemetry: { metrics: { level: none }, logs: { encoding: console, output_paths: ['${folder}/spans.txt'] } }
`,
    }),
    args: (folder) => ['--config', `file:${folder}/collector.yaml`],
  });
  at = await startGateway({ tracing: { endpoint: `${collector.url}/v1/traces`, acceptFrom: 'anybody' } });
});
afterAll(async () => {
  await at.close();
  await collector.close();
});

/** What the collector says of each span, by its name. */
const spans = (): string[] =>
  readFileSync(path.join(collector.folder, 'spans.txt'), 'utf8')
    .split(/^Span #\d+$/mu)
    .slice(1);
const spanOf = (text: string): Promise<string> =>
  vi.waitUntil(() => spans().find((span) => span.includes(text)), { timeout: 10_000 });

describe('the OpenTelemetry Collector', () => {
  it('reads the span of a request and that of its upstream: their trace, kind, times and attributes', async () => {
    const headers = { authorization: `Bearer ${at.issuer.token()}`, traceparent: `00-${TRACE}-${CALLER}-01` };
    expect((await fetch(`${at.url}/orders/1?secret=x`, { headers })).status).toBe(200);
    const server = await spanOf('Name           : GET /orders/**');
    expect(server).toMatch(new RegExp(`Trace ID +: ${TRACE}\n +Parent ID +: ${CALLER}\n`, 'u'));
    expect(server).toMatch(/Kind +: Server/u);
    expect(server).toMatch(/Status code +: Unset/u);
    expect(server).toContain('-> http.response.status_code: Int(200)');
    expect(server).toContain('-> url.path: Str(/orders/1)');
    const [started] = /(?<=Start time +: )\S+ \S+/u.exec(server) ?? [];
    expect(Math.abs(Date.parse(`${started?.slice(0, 23)}Z`) - Date.now())).toBeLessThan(60_000);
    const [id] = /(?<=^ {4}ID +: )[0-9a-f]{16}/mu.exec(server) ?? [];
    const client = await spanOf('Kind           : Client');
    expect(client).toMatch(new RegExp(`Trace ID +: ${TRACE}\n +Parent ID +: ${id}\n`, 'u'));
    expect(client).toContain(`-> server.port: Int(${at.origin.port})`);
    expect(spans().join('')).not.toContain('secret');
  });

  it('reads that a request failed', async () => {
    await at.origin.close();
    expect((await fetch(`${at.url}/open/x`)).status).toBe(502);
    expect(await spanOf('Name           : GET /open/**')).toMatch(/Status code +: Error/u);
  });

  it('takes them all, and names whose they are', async () => {
    const counted = async () => (await fetch(`${at.adminUrl}/metrics`)).text();
    await expect.poll(counted).toMatch(/^sealgate_gateway_spans_total\{result="exported"\} 4$/mu);
    expect(await counted()).toMatch(/^sealgate_gateway_spans_total\{result="dropped"\} 0$/mu);
    const said = readFileSync(path.join(collector.folder, 'spans.txt'), 'utf8');
    expect(said).toContain('-> service.name: Str(sealgate-gateway)');
  });
});
