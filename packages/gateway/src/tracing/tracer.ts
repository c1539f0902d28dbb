/**
 * Decides for each request which trace it belongs to and whether its spans are exported, and hands over what is known of it when it has ended.
 *
 * A caller's `traceparent` counts only where the configuration believes it: anybody could otherwise write into the traces of others, and have every request
 * of his recorded. Who is not believed gets a trace of his own.
 */
import { randomFillSync } from 'node:crypto';
import type { TracingConfig } from '../config/tracing-schema.ts';
import type { AccessEntry } from '../observe/access-log.ts';
import type { Exchange } from '../server/exchange.ts';
import { RequestTrace } from './request-trace.ts';
import type { SpanExporter } from './span-exporter.ts';
import { spansOf } from './spans.ts';
import { parseTraceparent, parseTracestate } from './trace-context.ts';

export interface Tracer {
  begin(exchange: Exchange): RequestTrace;
  ended(trace: RequestTrace, exchange: Exchange, entry: AccessEntry): void;
}

export interface TracerOptions {
  readonly config: TracingConfig;
  readonly exporter: SpanExporter;
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: () => number;
}

export function createTracer({ config, exporter, wallMs }: TracerOptions): Tracer {
  const { acceptFrom, sampleRatio } = config;
  const ids = new RandomIds();

  const isBelieved = ({ runtime, connection }: Exchange): boolean =>
    acceptFrom === 'anybody' || (acceptFrom === 'proxies' && runtime.proxies.isTrusted(connection.ip));

  return {
    begin(exchange) {
      const { traceparent, tracestate } = exchange.fields;
      const parent = traceparent !== undefined && isBelieved(exchange) ? parseTraceparent(traceparent) : undefined;
      const traceId = parent?.traceId ?? ids.next(16);
      return new RequestTrace({
        traceId,
        parentId: parent?.parentId,
        tracestate: parent === undefined ? undefined : parseTracestate(tracestate),
        sampled: parent?.sampled ?? isDrawn(traceId, sampleRatio),
        spanId: ids.next(8),
        upstreamSpanId: ids.next(8),
      });
    },
    ended(trace, exchange, entry) {
      if (trace.origin.sampled) exporter.add(spansOf(trace, exchange, entry, wallMs()));
    },
  };
}

/** By the trace's last 7 octets, so that everybody who draws so draws alike. */
const isDrawn = (traceId: string, ratio: number): boolean => Number.parseInt(traceId.slice(18), 16) / 2 ** 56 < ratio;

const POOL_BYTES = 4096;

/** Random octets cost less when many are taken at once. */
class RandomIds {
  readonly #pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  #used = POOL_BYTES;

  /** Hexadecimal, not all zero. */
  next(octets: 8 | 16): string {
    if (this.#used + octets > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const id = this.#pool.toString('hex', this.#used, this.#used + octets);
    this.#used += octets;
    return /^0+$/u.test(id) ? this.next(octets) : id;
  }
}
