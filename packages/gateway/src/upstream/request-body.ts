/**
 * The client's request body on its way upstream: counted against the route's limit, with back-pressure, and cut off from the client's
 * connection, so that an upstream that stops reading does not end the exchange.
 */
import { Readable } from 'node:stream';
import type { BodySource } from '../server/client-message.ts';
import type { Exchange } from '../server/exchange.ts';
import { requestTrailers } from './trailers.ts';

/** Why a body ended early. */
export type BodyFault = 'too_large' | 'client_gone';

export class RequestBodyError extends Error {
  readonly fault: BodyFault;

  constructor(fault: BodyFault) {
    super(`request body: ${fault}`);
    this.fault = fault;
  }
}

export class RequestBody extends Readable {
  readonly #exchange: Exchange;
  readonly #source: BodySource;
  readonly #limitBytes: number;
  #bytes = 0;
  #started = false;

  constructor(exchange: Exchange, limitBytes: number) {
    super();
    this.#exchange = exchange;
    this.#source = exchange.req;
    this.#limitBytes = limitBytes;
  }

  /** Whether anything was read: if not, another attempt may still send it. */
  get touched(): boolean {
    return this.#started;
  }

  /** Name (lower case), value, name, value: what may go upstream behind the body, once it has ended. */
  get trailers(): readonly string[] {
    const { trailers } = this.#source;
    return trailers.length === 0 ? trailers : requestTrailers(trailers, this.#exchange);
  }

  override _read(): void {
    if (!this.#started) {
      this.#started = true;
      this.#source.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose);
    }
    this.#source.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limitBytes) {
      this.#source.pause();
      this.destroy(new RequestBodyError('too_large'));
    } else if (!this.push(chunk)) {
      this.#source.pause();
    }
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onClose = (): void => {
    if (!this.#source.complete) this.destroy(new RequestBodyError('client_gone'));
  };
}
