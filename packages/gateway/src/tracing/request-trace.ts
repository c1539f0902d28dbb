/** One request's place in a trace: its own span, and the span of its way to an upstream. */
import { formatTraceparent } from './trace-context.ts';

export interface TraceOrigin {
  readonly traceId: string;
  /** The caller's span; undefined where the trace begins here. */
  readonly parentId: string | undefined;
  readonly tracestate: string | undefined;
  /** Whether the spans are exported. */
  readonly sampled: boolean;
  readonly spanId: string;
  /** Of the request to the upstream. */
  readonly upstreamSpanId: string;
}

export class RequestTrace {
  readonly origin: TraceOrigin;
  /** Times that the request was sent upstream. */
  attempts = 0;
  /** When it was sent for the first time: milliseconds of a clock that never goes back. */
  firstSentMs = 0;
  /** Status of the upstream; 0 where it gave none. */
  upstreamStatus = 0;

  constructor(origin: TraceOrigin) {
    this.origin = origin;
  }

  get traceId(): string {
    return this.origin.traceId;
  }

  /** The request goes to an instance. */
  sent(nowMs: number): void {
    if (this.attempts++ === 0) this.firstSentMs = nowMs;
    this.upstreamStatus = 0;
  }

  /** What the upstream is told. */
  pushFields(fields: string[]): void {
    const { traceId, upstreamSpanId, sampled, tracestate } = this.origin;
    fields.push('traceparent', formatTraceparent({ traceId, parentId: upstreamSpanId, sampled }));
    if (tracestate !== undefined) fields.push('tracestate', tracestate);
  }
}
