/**
 * WebSocket through the gateway (RFC 6455 section 4, RFC 9110 section 7.8): the same check as for any request, then two connections
 * joined byte for byte, for as long as the token lives (ATTACKS.md G12).
 */
import type { Trust } from '@sealgate/guard';
import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { CompiledRoute } from '../config/compile.ts';
import type { ClientUpgrade } from '../server/data-server.ts';
import type { Exchange } from '../server/exchange.ts';
import { upstreamFields } from './request-head.ts';
import { responseFields } from './response-fields.ts';
import { fieldsForClient, ResponseRelay } from './response-relay.ts';
import type { Target } from './target.ts';

export interface UpgradeOptions extends ClientUpgrade {
  readonly trust: Pick<Trust, 'watch'>;
  readonly monotonicMs: () => number;
}

export class Upgrading implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #route: CompiledRoute;
  readonly #identity: readonly string[];
  readonly #options: UpgradeOptions;
  #target: Target | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  /** Streams an answer that is not an upgrade. */
  #plain: ResponseRelay | undefined;

  constructor(exchange: Exchange, route: CompiledRoute, identity: readonly string[], options: UpgradeOptions) {
    this.#exchange = exchange;
    this.#route = route;
    this.#identity = identity;
    this.#options = options;
    exchange.onAbandoned = () => {
      this.#controller?.abort(new Error('client gone'));
      this.#settle('abandoned');
    };
  }

  start(): void {
    const exchange = this.#exchange;
    const target = this.#route.upstream.pick(exchange.client?.ip ?? '');
    if (target === undefined) {
      exchange.answer('upstream_unavailable', ['retry-after', '5']);
      return;
    }
    this.#target = target;
    exchange.upstream = target.url;
    target.begin();
    exchange.trace?.sent(this.#options.monotonicMs());
    const headers = ['host', target.host, ...upstreamFields(exchange, this.#identity)];
    target.dispatcher.dispatch({ path: exchange.target, method: 'GET', headers, upgrade: 'websocket' }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    upstream: Duplex,
  ): void {
    this.#settle('succeeded');
    const exchange = this.#exchange;
    exchange.onAbandoned = undefined;
    if (exchange.trace !== undefined) exchange.trace.upstreamStatus = status;
    const fields = fieldsForClient(exchange, responseFields(headers));
    const socket = this.#options.detach();
    let text = `HTTP/1.1 ${status} Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n`;
    for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
    socket.write(`${text}\r\n`, 'latin1');
    join(socket, upstream);
    socket.setTimeout(this.#route.upstream.idleTimeoutMs, () => socket.destroy());
    const unwatch =
      exchange.principal === undefined
        ? undefined
        : this.#options.trust.watch(exchange.principal, () => socket.destroy());
    socket.once('close', () => {
      unwatch?.();
      exchange.ended(status);
    });
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#settle('succeeded');
    const { trace } = this.#exchange;
    if (trace !== undefined) trace.upstreamStatus = status;
    this.#plain = new ResponseRelay(this.#exchange, this.#options.trust, () => controller);
    const length = headers['content-length'];
    const contentLength = typeof length === 'string' ? Number(length) : -1;
    const head = {
      status,
      contentLength,
      fields: responseFields(headers),
    };
    this.#plain.begin(head, true);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#plain?.data(chunk, 0, chunk.length);
  }

  onResponseEnd(): void {
    this.#plain?.end([]);
  }

  onResponseError(): void {
    this.#settle('failed');
    if (this.#plain === undefined) this.#exchange.answer('upstream_unreachable');
    else this.#plain.abort();
  }

  #settle(how: 'succeeded' | 'failed' | 'abandoned'): void {
    if (this.#settled || this.#target === undefined) return;
    this.#settled = true;
    if (how === 'abandoned') this.#target.abandoned();
    else if (how === 'failed') this.#target.failed(this.#options.monotonicMs());
    else this.#target.succeeded(this.#options.monotonicMs() - this.#exchange.startedMs);
  }
}

/** Joins both directions. A side that ends has said all there is to say in WebSocket: what it sent is delivered, then both are closed. */
function join(client: Duplex, upstream: Duplex): void {
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.on('end', () => to.end(() => to.destroy()));
    from.pipe(to, { end: false });
  }
}
