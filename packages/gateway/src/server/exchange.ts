/**
 * One request under way: what was learned of it, and its end. Whoever answers it calls one of the `answer...` methods or streams an
 * upstream's response (`upstream/forward.ts`); it is counted and logged exactly once, when its response is closed.
 */
import type { Denied, Principal } from '@sealgate/guard';
import { allowedOrigin } from '../config/cors.ts';
import type { CompiledRoute, Runtime } from '../config/compile.ts';
import { rateLimitField, retryAfterSeconds } from '../limits/rate-limit-fields.ts';
import type { LimitState } from '../limits/rate-limit.ts';
import type { AccessEntry } from '../observe/access-log.ts';
import type { RouteMetrics } from '../observe/request-metrics.ts';
import type { ClientAddress } from '../request/client-address.ts';
import type { HeaderFields } from '../request/header-fields.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import { grpcFields, isGrpc } from './answer-encoding.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { answerFor, ANSWER_FIELDS, refusalBody, type AnswerCode } from './answers.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ClientRequest, ClientResponse } from './client-message.ts';

/** Where ended exchanges go. */
export interface ExchangeSink {
  /** Its place in a trace; absent where nothing is traced. */
  readonly trace?: ((exchange: Exchange) => RequestTrace) | undefined;
  ended(entry: AccessEntry, exchange: Exchange): void;
  readonly monotonicMs: () => number;
}

/** Logged, never sent: the client left before there was an answer. */
const CLIENT_GONE = 499;
/** An unread body larger than this is not waited for after a refusal: the connection is closed instead. */
const LARGEST_UNREAD_BODY_BYTES = 64 * 1024;

/** The request that is decided about: method and target, as they stood on a request line. */
export interface Asked {
  readonly method: string;
  readonly target: string;
}

export interface ExchangeFacts {
  readonly fields: HeaderFields;
  readonly requestId: string;
  readonly connection: ClientConnection;
  /** When the request asks about another one (forward-auth); else it is the request itself. */
  readonly asked?: Asked | undefined;
  /** Other statuses than 401 and 403 mean "the check failed" to the asker, so every refusal becomes one of the two. */
  readonly refusesWith403?: boolean | undefined;
}

export class Exchange {
  readonly req: ClientRequest;
  readonly res: ClientResponse;
  readonly connection: ClientConnection;
  readonly runtime: Runtime;
  readonly fields: HeaderFields;
  readonly requestId: string;
  readonly startedMs: number;
  readonly method: string;
  /** As it stood on the request line. */
  readonly rawTarget: string;
  client: ClientAddress | undefined = undefined;
  /** Canonical path without the query; '' until it is known. */
  path = '';
  /** Path and query as forwarded. */
  target = '';
  route: CompiledRoute | undefined = undefined;
  metrics: RouteMetrics;
  principal: Principal | undefined = undefined;
  /** `allowed`, or the code of the refusal or failure. */
  code = 'allowed';
  limit: LimitState | undefined = undefined;
  /** What the next DPoP proof must hold; with every response where the client sends proofs and nonces are asked for. */
  dpopNonce: string | undefined = undefined;
  upstream = '';
  responseBytes = 0;
  /** Called when the response is closed before the upstream's answer was complete. */
  onAbandoned: (() => void) | undefined = undefined;
  readonly trace: RequestTrace | undefined;
  /** Called when the exchange has ended, upgraded or not. */
  onEnded: (() => void) | undefined = undefined;
  readonly #sink: ExchangeSink;
  readonly #refusesWith403: boolean;

  constructor(req: ClientRequest, res: ClientResponse, runtime: Runtime, facts: ExchangeFacts, sink: ExchangeSink) {
    this.req = req;
    this.res = res;
    this.connection = facts.connection;
    this.runtime = runtime;
    this.fields = facts.fields;
    this.requestId = facts.requestId;
    this.method = facts.asked?.method ?? req.method;
    this.rawTarget = facts.asked?.target ?? req.url;
    this.#refusesWith403 = facts.refusesWith403 === true;
    this.metrics = runtime.unmatched.metrics;
    this.startedMs = sink.monotonicMs();
    this.#sink = sink;
    this.trace = sink.trace?.(this);
    res.on('close', () => this.#closed());
  }

  /** The gateway's own answer. */
  answer(code: AnswerCode, fields: readonly string[] = []): void {
    const { status, body } = answerFor(code, this.requestId);
    this.code = code;
    this.#send(status, body, fields);
  }

  /** A refusal of the decision: RFC 6750 section 3, RFC 9457. */
  deny(denied: Denied): void {
    this.code = denied.code;
    const fields: string[] = [];
    if (denied.challenge !== undefined) fields.push('www-authenticate', denied.challenge);
    if (denied.retryAfterSeconds !== undefined) fields.push('retry-after', String(denied.retryAfterSeconds));
    this.dpopNonce = denied.dpopNonce;
    this.#send(denied.status, refusalBody(denied, this.requestId), fields);
  }

  refuseRate(state: LimitState): void {
    this.limit = state;
    this.answer('rate_limited', ['retry-after', String(retryAfterSeconds(state.left))]);
  }

  /** Fields that every response carries, the upstream's too: request id, allowance, cross-origin access. */
  addOwnFields(fields: string[]): void {
    fields.push('x-request-id', this.requestId);
    if (this.limit !== undefined) {
      const policy = this.route?.limits.policy ?? this.runtime.unmatched.limits.policy;
      fields.push('ratelimit-policy', policy, 'ratelimit', rateLimitField(this.limit));
    }
    if (this.dpopNonce !== undefined) fields.push('dpop-nonce', this.dpopNonce);
    if (this.route?.securityHeaders === true) addSecurityHeaders(fields, this.client?.proto);
    const cors = this.route?.cors;
    if (cors === undefined) return;
    if (!cors.any) fields.push('vary', 'origin');
    const origin = this.fields.origin === undefined ? undefined : allowedOrigin(cors, this.fields.origin);
    if (origin !== undefined) fields.push('access-control-allow-origin', origin, ...cors.fields);
  }

  #send(status: number, body: string, more: readonly string[]): void {
    const { res } = this;
    if (res.headersSent || res.destroyed) {
      res.destroy();
      return;
    }
    if (this.#mustClose()) res.shouldKeepAlive = false;
    if (this.connection.httpMajor === 2 && isGrpc(this.fields.passed)) {
      this.#sendGrpcStatus(status, more);
      return;
    }
    const length = Buffer.byteLength(body);
    const fields = [...ANSWER_FIELDS, 'content-length', String(length), ...more];
    if (this.req.method !== 'HEAD') this.responseBytes = length;
    this.addOwnFields(fields);
    res.writeHead(this.#refusesWith403 && status !== 401 ? 403 : status, fields);
    // As long in characters as in octets: all ASCII.
    if (body.length === length) res.end(body, 'latin1');
    else res.end(body);
  }

  /** To a gRPC call: a response of trailers only. */
  #sendGrpcStatus(status: number, more: readonly string[]): void {
    const fields = [...grpcFields(status, this.code), ...more];
    this.addOwnFields(fields);
    this.res.writeHead(200, fields);
    this.res.end();
  }

  /** Whether more of the request may follow than is worth reading away. */
  #mustClose(): boolean {
    if (this.req.complete) return false;
    return (
      this.fields.chunked ||
      (this.fields.contentLength ?? 0) > LARGEST_UNREAD_BODY_BYTES ||
      this.fields.expect !== undefined
    );
  }

  #closed(): void {
    this.onAbandoned?.();
    this.ended(this.res.headersSent ? this.res.statusCode : CLIENT_GONE);
  }

  /** Counts and logs. Called once: by the response's end, or by whoever took its connection over. */
  ended(status: number): void {
    this.onEnded?.();
    this.onEnded = undefined;
    const { principal } = this;
    const durationMs = this.#sink.monotonicMs() - this.startedMs;
    this.metrics.count(this.code, principal?.issuerName ?? '', status, durationMs / 1000);
    this.#sink.ended(
      {
        requestId: this.requestId,
        traceId: this.trace === undefined ? '' : this.trace.traceId,
        ip: this.client?.ip ?? '',
        httpVersion: this.req.httpVersion,
        method: this.method,
        path: this.path,
        route: this.route?.name ?? '',
        status,
        code: this.code,
        subject: principal?.subject ?? '',
        clientId: principal?.clientId ?? '',
        upstream: this.upstream,
        durationMs,
        responseBytes: this.responseBytes,
      },
      this,
    );
  }
}
