/**
 * What a request's spans say, by OpenTelemetry's semantic conventions for HTTP (1.23, stable): one of kind server, and one of kind client for its way
 * upstream, which retries are part of. Never a token, a query or a header of the client.
 */
import type { AccessEntry } from '../observe/access-log.ts';
import { withoutTokens } from '../observe/without-tokens.ts';
import type { Exchange } from '../server/exchange.ts';
import type { RequestTrace } from './request-trace.ts';

export type AttributeValue = string | number;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'server' | 'client';
  /** Milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly failed: boolean;
}

/** Others stand as `_OTHER`, so that nobody invents a thousand of them. */
const KNOWN_METHODS = new Set('GET HEAD POST PUT DELETE OPTIONS TRACE PATCH'.split(' '));

/** @param endMs - Now: milliseconds since the Unix epoch. */
export function spansOf(trace: RequestTrace, exchange: Exchange, entry: AccessEntry, endMs: number): readonly Span[] {
  const { traceId, spanId, parentId } = trace.origin;
  const { route, client } = exchange;
  const { status, code, durationMs } = entry;
  const method = KNOWN_METHODS.has(entry.method) ? entry.method : '_OTHER';
  const startMs = endMs - durationMs;
  const failed = status >= 500;
  const server: Span = {
    traceId,
    spanId,
    parentSpanId: parentId,
    name: route === undefined ? nameOf(method) : `${nameOf(method)} ${route.path}`,
    kind: 'server',
    startMs,
    endMs,
    attributes: {
      'http.request.method': method,
      'http.response.status_code': status,
      ...(route === undefined ? {} : { 'http.route': route.path, 'sealgate.route': route.name }),
      'url.scheme': client?.proto ?? exchange.connection.scheme,
      'url.path': withoutTokens(entry.path),
      'client.address': entry.ip,
      'network.protocol.name': 'http',
      'network.protocol.version': entry.httpVersion === '2.0' ? '2' : entry.httpVersion,
      'sealgate.verdict': code,
      'sealgate.request_id': entry.requestId,
      ...(failed ? { 'error.type': String(status) } : {}),
    },
    failed,
  };
  if (trace.attempts === 0) return [server];
  return [server, upstreamSpan(trace, exchange, entry, method, startMs, endMs)];
}

function upstreamSpan(
  { origin, attempts, firstSentMs, upstreamStatus }: RequestTrace,
  { target, startedMs }: Exchange,
  { upstream, code }: AccessEntry,
  method: string,
  startMs: number,
  endMs: number,
): Span {
  const { hostname, port, protocol } = new URL(upstream);
  const failed = upstreamStatus === 0 || upstreamStatus >= 400;
  return {
    traceId: origin.traceId,
    spanId: origin.upstreamSpanId,
    parentSpanId: origin.spanId,
    name: nameOf(method),
    kind: 'client',
    startMs: startMs + (firstSentMs - startedMs),
    endMs,
    attributes: {
      'http.request.method': method,
      'server.address': hostname.replace(/^\[(.*)\]$/u, '$1'),
      'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
      'url.full': `${upstream.replace(/\/$/u, '')}${withoutTokens(target.split('?')[0] ?? '')}`,
      ...(upstreamStatus === 0 ? {} : { 'http.response.status_code': upstreamStatus }),
      ...(attempts === 1 ? {} : { 'http.request.resend_count': attempts - 1 }),
      ...(failed ? { 'error.type': upstreamStatus === 0 ? code : String(upstreamStatus) } : {}),
    },
    failed,
  };
}

const nameOf = (method: string): string => (method === '_OTHER' ? 'HTTP' : method);
