/**
 * A collector that takes traces over OTLP/HTTP in JSON and is strict about it: every member as opentelemetry-proto has it (collector/trace/v1, trace/v1,
 * common/v1, resource/v1), in its JSON form (specification, "JSON Protobuf Encoding"); what it does not know is an error.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

const id = (octets: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${octets * 2}}$`, 'u'))
    .refine((text) => !/^0+$/u.test(text));
/** fixed64 and int64 are strings of digits. */
const fixed64 = z.string().regex(/^[1-9][0-9]{18}$/u);
const int64 = z.string().regex(/^-?[0-9]{1,19}$/u);
const anyValue = z.union([z.strictObject({ stringValue: z.string() }), z.strictObject({ intValue: int64 })]);
const attributes = z
  .array(z.strictObject({ key: z.string().min(1), value: anyValue }))
  .refine((list) => new Set(list.map(({ key }) => key)).size === list.length, 'keys are unique');
const span = z.strictObject({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: id(8).optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: fixed64,
  endTimeUnixNano: fixed64,
  attributes,
  status: z.strictObject({ code: z.int().min(0).max(2), message: z.string().optional() }).optional(),
});
const exportRequest = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string().optional() }),
          spans: z.array(span),
        }),
      ),
    }),
  ),
});

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly failed: boolean;
  readonly service: string | number | undefined;
}

export interface Collector {
  readonly url: string;
  readonly spans: CollectedSpan[];
  /** What was wrong with what came. */
  readonly faults: string[];
  /** Header fields of the last batch. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Answers with these one after the other, then takes what comes. */
  answerWith(...statuses: readonly number[]): void;
  /** Body of every batch, taken or not. */
  readonly bodies: readonly string[];
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const faults: string[] = [];
  const bodies: string[] = [];
  let statuses: readonly number[] = [];
  let headers: Readonly<Record<string, unknown>> = {};
  const server = createServer((req, res) => {
    let text = '';
    req.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    req.on('end', () => {
      const [status = 200, ...rest] = statuses;
      statuses = rest;
      headers = req.headers;
      bodies.push(text);
      if (status === 200) take(`${req.method} ${req.url} ${req.headers['content-type']}`, text);
      res.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const take = (request: string, text: string): void => {
    if (request !== 'POST /v1/traces application/json') faults.push(request);
    const parsed = exportRequest.safeParse(JSON.parse(text));
    if (!parsed.success) faults.push(parsed.error.message);
    for (const { resource, scopeSpans } of parsed.data?.resourceSpans ?? []) {
      const service = valuesOf(resource.attributes)['service.name'];
      for (const each of scopeSpans.flatMap(({ spans: list }) => list)) {
        spans.push({
          traceId: each.traceId,
          spanId: each.spanId,
          parentSpanId: each.parentSpanId,
          name: each.name,
          kind: each.kind,
          attributes: valuesOf(each.attributes),
          startNs: BigInt(each.startTimeUnixNano),
          endNs: BigInt(each.endTimeUnixNano),
          failed: each.status?.code === 2,
          service,
        });
      }
    }
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    faults,
    bodies,
    get headers() {
      return headers;
    },
    answerWith: (...given) => (statuses = given),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function valuesOf(list: z.output<typeof attributes>): Record<string, string | number> {
  return Object.fromEntries(
    list.map(({ key, value }) => [key, 'stringValue' in value ? value.stringValue : Number(value.intValue)]),
  );
}
