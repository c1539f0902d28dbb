/**
 * An upstream's response on its way to the client: fields cleaned, body streamed with back-pressure, trailers kept.
 *
 * A response that goes on for long, such as server-sent events, ends when the token that opened it dies (ATTACKS.md G12).
 */
import type { Trust } from '@sealgate/guard';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Exchange } from '../server/exchange.ts';
import { responseFields } from './response-fields.ts';

export class ResponseRelay {
  readonly #exchange: Exchange;
  readonly #trust: Pick<Trust, 'watch'>;
  /** -1 when the upstream does not say. */
  #contentLength = -1;
  /** A body that arrived whole, held back to leave with the header in one write. */
  #whole: Buffer | undefined;
  #complete = false;
  #unwatch: (() => void) | undefined;

  constructor(exchange: Exchange, trust: Pick<Trust, 'watch'>) {
    this.#exchange = exchange;
    this.#trust = trust;
  }

  /** @param partialRequest - True when the client may still be sending: its connection cannot be used again. */
  begin(status: number, headers: IncomingHttpHeaders, partialRequest: boolean): void {
    const exchange = this.#exchange;
    const fields = responseFields(headers, exchange.route?.cors !== undefined);
    exchange.addOwnFields(fields);
    const length = headers['content-length'];
    if (typeof length === 'string') this.#contentLength = Number(length);
    if (partialRequest) fields.push('connection', 'close');
    exchange.res.writeHead(status, fields);
    if (this.#contentLength === -1) queueMicrotask(() => this.#keepOpen());
  }

  data(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const exchange = this.#exchange;
    exchange.responseBytes += chunk.length;
    if (chunk.length === this.#contentLength) {
      this.#whole = chunk;
      return;
    }
    if (exchange.res.write(chunk)) return;
    controller.pause();
    exchange.res.once('drain', () => controller.resume());
  }

  end(trailers: IncomingHttpHeaders): void {
    this.stop();
    const { res } = this.#exchange;
    if (this.#contentLength === -1) {
      const fields = responseFields(trailers, false);
      for (let index = 0; index < fields.length; index += 2) {
        res.addTrailers([[fields[index] ?? '', fields[index + 1] ?? '']]);
      }
    }
    if (this.#whole === undefined) res.end();
    else res.end(this.#whole);
  }

  /** Breaks off: the client must not take half an answer for a whole one. */
  abort(): void {
    this.stop();
    this.#exchange.res.destroy();
  }

  /** Nothing more comes, for whatever reason. */
  stop(): void {
    this.#complete = true;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** The response did not end at once and does not say when it will: its header must not wait for the first event. */
  #keepOpen(): void {
    const { res, principal } = this.#exchange;
    if (this.#complete || res.destroyed) return;
    res.flushHeaders();
    if (principal !== undefined) this.#unwatch = this.#trust.watch(principal, () => this.abort());
  }
}
