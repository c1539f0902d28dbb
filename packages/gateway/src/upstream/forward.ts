/**
 * Sends an admitted request to an instance of its upstream and streams the answer back.
 *
 * Both directions keep back-pressure; a client that leaves ends the upstream's work. Another attempt is made only where it cannot do a
 * thing twice: nothing was sent, or a GET, HEAD or OPTIONS without a body (RFC 9110 section 9.2.2).
 */
import type { Trust } from '@sealgate/guard';
import type { CompiledRoute } from '../config/compile.ts';
import { addressGroup } from '../request/client-address.ts';
import type { AnswerCode } from '../server/answers.ts';
import type { Exchange } from '../server/exchange.ts';
import { RequestBody, RequestBodyError } from './request-body.ts';
import { upstreamFields } from './request-head.ts';
import { ResponseRelay } from './response-relay.ts';
import type { Target } from './target.ts';
import type { OutgoingRequest, ResponseHandler, Sending, UpstreamFault, UpstreamResponse } from './transport.ts';
import type { Upstream } from './upstream.ts';

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Answers that say the instance is in trouble, rather than the request. */
const isFailing = (status: number): boolean => status >= 502 && status <= 504;

const ANSWERS: Readonly<Record<UpstreamFault, AnswerCode>> = {
  unreachable: 'upstream_unreachable',
  connect_timeout: 'upstream_timeout',
  header_timeout: 'upstream_timeout',
  idle_timeout: 'upstream_timeout',
  broke_off: 'upstream_unreachable',
  malformed_response: 'upstream_unreachable',
  body_failed: 'request_malformed',
};

export interface ForwardingOptions {
  readonly trust: Pick<Trust, 'watch'>;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
}

export class Forwarding implements ResponseHandler {
  readonly #exchange: Exchange;
  readonly #upstream: Upstream;
  readonly #fields: readonly string[];
  readonly #body: RequestBody | undefined;
  readonly #key: string;
  readonly #monotonicMs: () => number;
  readonly #relay: ResponseRelay;
  #target: Target | undefined;
  #tried: Target[] | undefined;
  #sending: Sending | undefined;
  #sentAtMs = 0;
  #started = false;
  #complete = false;
  #settled = true;

  constructor(exchange: Exchange, route: CompiledRoute, identity: readonly string[], options: ForwardingOptions) {
    this.#exchange = exchange;
    this.#upstream = route.upstream;
    this.#monotonicMs = options.monotonicMs;
    this.#relay = new ResponseRelay(exchange, options.trust, () => this.#sending);
    this.#key = hashKey(exchange, route.upstream);
    this.#fields = upstreamFields(exchange, identity);
    this.#body = exchange.fields.hasBody ? new RequestBody(exchange, route.bodyLimitBytes) : undefined;
    this.#body?.on('error', (error) => this.#bodyFailed(error));
    exchange.onAbandoned = () => this.#abandon();
  }

  start(): void {
    if (this.#body !== undefined && this.#exchange.fields.expect !== undefined) this.#exchange.res.writeContinue();
    this.#attempt();
  }

  #attempt(): void {
    const exchange = this.#exchange;
    const target = this.#upstream.pick(this.#key, this.#tried);
    if (target === undefined) {
      this.#complete = true;
      exchange.answer('upstream_unavailable', ['retry-after', '5']);
      return;
    }
    this.#target = target;
    this.#settled = false;
    exchange.upstream = target.url;
    target.begin();
    this.#sentAtMs = this.#monotonicMs();
    exchange.trace?.sent(this.#sentAtMs);
    const request: OutgoingRequest = {
      method: exchange.method,
      target: exchange.target,
      host: target.host,
      fields: this.#fields,
      body: this.#body,
      chunked: exchange.fields.chunked,
    };
    this.#sending = target.connections.send(request, this);
  }

  onHead(head: UpstreamResponse): void {
    this.#settle(isFailing(head.status) ? 'failed' : 'succeeded');
    const { trace } = this.#exchange;
    if (trace !== undefined) trace.upstreamStatus = head.status;
    try {
      this.#relay.begin(head, this.#body !== undefined && !this.#exchange.req.complete);
      this.#started = true;
    } catch {
      // A field that no client may be sent.
      this.#complete = true;
      this.#sending?.abort();
      this.#exchange.answer('upstream_unreachable');
    }
  }

  onData(buffer: Buffer, start: number, end: number): void {
    if (!this.#complete) this.#relay.data(buffer, start, end);
  }

  onEnd(trailers: readonly string[]): void {
    if (this.#complete) return;
    this.#complete = true;
    this.#body?.destroy();
    this.#relay.end(trailers);
    this.#release();
  }

  onFault(fault: UpstreamFault, sent: boolean): void {
    if (this.#complete) return;
    const exchange = this.#exchange;
    if (this.#started) {
      this.#complete = true;
      exchange.code = 'upstream_unreachable';
      this.#relay.abort();
      return;
    }
    this.#settle('failed');
    if (this.#mayRepeat(sent)) {
      this.#attempt();
      return;
    }
    this.#complete = true;
    this.#body?.destroy();
    exchange.answer(ANSWERS[fault]);
  }

  /**
   * Lets go of what outlives the exchange. Objects that were promoted to the old generation while the request was under way would
   * otherwise keep newer ones alive, request after request, until the next full collection.
   */
  #release(): void {
    this.#sending = undefined;
    this.#exchange.onAbandoned = undefined;
  }

  /** Whether the failed attempt can be made again without doing anything twice. Notes it if so. */
  #mayRepeat(sent: boolean): boolean {
    const target = this.#target;
    if (target === undefined || (this.#tried?.length ?? 0) >= this.#upstream.retries) return false;
    const harmless = !sent || (this.#body === undefined && REPEATABLE.has(this.#exchange.method));
    if (!harmless || this.#body?.touched === true || !this.#upstream.mayRetry()) return false;
    (this.#tried ??= []).push(target);
    return true;
  }

  #settle(how: 'succeeded' | 'failed' | 'abandoned'): void {
    if (this.#settled) return;
    this.#settled = true;
    const now = this.#monotonicMs();
    if (how === 'succeeded') this.#target?.succeeded(now - this.#sentAtMs);
    else if (how === 'failed') this.#target?.failed(now);
    else this.#target?.abandoned();
  }

  /** The client's body is larger than allowed, or broke off. */
  #bodyFailed(error: Error): void {
    if (this.#complete) return;
    this.#complete = true;
    this.#sending?.abort();
    this.#settle('abandoned');
    const tooLarge = error instanceof RequestBodyError && error.fault === 'too_large';
    if (tooLarge && !this.#started) this.#exchange.answer('body_too_large');
    else this.#relay.abort();
  }

  /** The client's connection is gone. */
  #abandon(): void {
    if (this.#complete) return;
    this.#complete = true;
    this.#relay.stop();
    this.#settle('abandoned');
    this.#body?.destroy();
    this.#sending?.abort();
  }
}

function hashKey({ client, principal, fields }: Exchange, { hashOn }: Upstream): string {
  if (hashOn === undefined) return '';
  if (hashOn === 'ip') return addressGroup(client?.ip ?? '');
  if (hashOn === 'sub') return principal?.subject ?? '';
  for (let index = 0; index < fields.passed.length; index += 2) {
    if (fields.passed[index]?.toLowerCase() === hashOn.header) return fields.passed[index + 1] ?? '';
  }
  return '';
}
