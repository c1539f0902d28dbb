/**
 * A batch of spans as OTLP/HTTP carries it in JSON (OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding"): ids in hexadecimal, 64-bit numbers as strings,
 * enums as numbers.
 */
import type { AttributeValue, Span } from './spans.ts';

/** Of the process that the spans are of. */
export interface TraceResource {
  readonly serviceName: string;
  readonly instanceId: string;
}

const KINDS = { server: 2, client: 3 } as const;
const STATUS_ERROR = 2;

/** The body of one request to `/v1/traces`. */
export function encodeSpans(spans: readonly Span[], { serviceName, instanceId }: TraceResource): string {
  const resource = { attributes: attributesOf({ 'service.name': serviceName, 'service.instance.id': instanceId }) };
  const scope = { name: '@sealgate/gateway' };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: spans.map(encodeSpan) }] }] });
}

function encodeSpan(span: Span): unknown {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(Math.max(span.startMs, span.endMs)),
    attributes: attributesOf(span.attributes),
    ...(span.failed ? { status: { code: STATUS_ERROR } } : {}),
  };
}

function attributesOf(attributes: Readonly<Record<string, AttributeValue>>): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
  }));
}

/** A number of this size is not exact, so milliseconds and what is left of them are written apart. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  const rest = Math.floor((ms - whole) * 1_000_000);
  return `${whole}${String(rest).padStart(6, '0')}`;
}
