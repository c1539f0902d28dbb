/**
 * Sends an admitted request to an instance of its upstream and streams the answer back.
 *
 * Both directions keep back-pressure; a client that leaves ends the upstream's work. What the upstream gets is built here from parts
 * that were cleaned before: the canonical target, the passed headers, then everything the gateway adds (ATTACKS.md G3, G5).
 * Another attempt is made only where it cannot do a thing twice: nothing was sent, or a GET, HEAD or OPTIONS without a body.
 */
import type { Trust } from '@sealgate/guard';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { CompiledRoute } from '../config/compile.ts';
import type { AnswerCode } from '../server/answers.ts';
import type { Exchange } from '../server/exchange.ts';
import { addressGroup } from '../request/client-address.ts';
import { RequestBody, RequestBodyError } from './request-body.ts';
import { ResponseRelay } from './response-relay.ts';
import type { Target } from './target.ts';
import type { Upstream } from './upstream.ts';
import { upstreamFields } from './upstream-fields.ts';

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Answers that say the instance is in trouble, rather than the request. */
const FAILING = new Set([502, 503, 504]);

export interface ForwardingOptions {
  readonly trust: Pick<Trust, 'watch'>;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
}

export class Forwarding implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #upstream: Upstream;
  readonly #headers: string[];
  readonly #body: RequestBody | undefined;
  readonly #key: string;
  readonly #monotonicMs: () => number;
  readonly #relay: ResponseRelay;
  #target: Target | undefined;
  #tried: Target[] | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #sentAtMs = 0;
  #started = false;
  #complete = false;
  #settled = true;
  #gone = false;

  constructor(exchange: Exchange, route: CompiledRoute, identity: readonly string[], options: ForwardingOptions) {
    this.#exchange = exchange;
    this.#upstream = route.upstream;
    this.#monotonicMs = options.monotonicMs;
    this.#relay = new ResponseRelay(exchange, options.trust);
    this.#headers = upstreamFields(exchange, identity);
    this.#key = hashKey(exchange, route.upstream);
    this.#body = exchange.fields.hasBody ? new RequestBody(exchange.req, route.bodyLimitBytes) : undefined;
    // Without a listener a body that fails while nobody reads it would end the process.
    this.#body?.on('error', () => undefined);
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
    this.#headers[1] = target.host;
    target.dispatcher.dispatch(
      { path: exchange.target, method: exchange.method, headers: this.#headers, body: this.#body ?? null },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#gone) controller.abort(new RequestBodyError('client_gone'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // Interim answers stay here: 100 the gateway gives itself, and 103 is of little use behind it.
    if (status < 200 || this.#gone) return;
    this.#settle(FAILING.has(status) ? 'failed' : 'succeeded');
    this.#relay.begin(status, headers, this.#body !== undefined && !this.#exchange.req.complete);
    this.#started = true;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#relay.data(controller, chunk);
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#complete = true;
    this.#relay.end(trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#gone || this.#complete) return this.#settle('abandoned');
    const exchange = this.#exchange;
    if (error instanceof RequestBodyError) {
      this.#complete = true;
      this.#settle('abandoned');
      if (error.fault === 'too_large') exchange.answer('body_too_large');
      else exchange.res.destroy();
      return;
    }
    if (this.#started) {
      this.#complete = true;
      exchange.code = 'upstream_unreachable';
      this.#relay.abort();
      return;
    }
    this.#settle('failed');
    if (this.#mayRepeat()) return this.#attempt();
    this.#complete = true;
    exchange.answer(answerTo(error));
  }

  /** Whether the failed attempt can be made again without doing anything twice. Notes it if so. */
  #mayRepeat(): boolean {
    const target = this.#target;
    const sent = this.#controller !== undefined;
    this.#controller = undefined;
    if (target === undefined || (this.#tried?.length ?? 0) >= this.#upstream.retries) return false;
    const harmless = !sent || (this.#body === undefined && REPEATABLE.has(this.#exchange.method));
    if (!harmless || this.#body?.touched === true || this.#body?.destroyed === true || !this.#upstream.mayRetry())
      return false;
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

  /** The client's connection is gone. */
  #abandon(): void {
    if (this.#complete) return;
    this.#gone = true;
    this.#relay.stop();
    this.#settle('abandoned');
    this.#body?.destroy();
    this.#controller?.abort(new RequestBodyError('client_gone'));
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

function answerTo(error: Error): AnswerCode {
  const code = 'code' in error ? error.code : undefined;
  const slow =
    code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
  return slow ? 'upstream_timeout' : 'upstream_unreachable';
}
