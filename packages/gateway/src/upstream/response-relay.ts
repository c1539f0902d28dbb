/**
 * An upstream's response on its way to the client: the gateway's own fields added, body streamed with back-pressure, trailers kept.
 *
 * A response that goes on for long, such as server-sent events, ends when the token that opened it dies (ATTACKS.md G12).
 */
import type { Trust } from '@sealgate/guard';
import { copyOctets } from '../connection/lent-memory.ts';
import type { Exchange } from '../server/exchange.ts';
import { sendableTrailers } from './trailers.ts';
import type { UpstreamResponse } from './transport.ts';

/** Up to this size header and body are joined to one string: one write costs less than gathering two buffers. */
const ONE_WRITE_BYTES = 8192;

/** The sender's side: told to hold back while the client reads slowly. */
export interface Flow {
  pause(): void;
  resume(): void;
}

export class ResponseRelay {
  readonly #exchange: Exchange;
  readonly #trust: Pick<Trust, 'watch'>;
  readonly #flow: () => Flow | undefined;
  #contentLength = -1;
  /** A small body that arrived whole, held back to leave with the header in one write. */
  #whole: string | undefined;
  #complete = false;
  #unwatch: (() => void) | undefined;

  constructor(exchange: Exchange, trust: Pick<Trust, 'watch'>, flow: () => Flow | undefined) {
    this.#exchange = exchange;
    this.#trust = trust;
    this.#flow = flow;
  }

  /**
   * @param partialRequest - True when the client may still be sending: its connection cannot be used again.
   * @throws {TypeError} when the upstream's fields hold what no field may.
   */
  begin({ status, fields, contentLength }: UpstreamResponse, partialRequest: boolean): void {
    const exchange = this.#exchange;
    const sent = fieldsForClient(exchange, fields);
    this.#contentLength = contentLength;
    if (partialRequest) exchange.res.shouldKeepAlive = false;
    exchange.res.writeHead(status, sent);
    if (contentLength === -1) queueMicrotask(() => this.#keepOpen());
  }

  /** The octets are copied. */
  data(buffer: Buffer, start: number, end: number): void {
    const exchange = this.#exchange;
    const length = end - start;
    exchange.responseBytes += length;
    if (length === this.#contentLength && length <= ONE_WRITE_BYTES) {
      this.#whole = buffer.toString('latin1', start, end);
      return;
    }
    const { octets, giveBack } = copyOctets(buffer, start, end);
    if (exchange.res.write(octets, giveBack)) return;
    this.#flow()?.pause();
    exchange.res.once('drain', () => this.#flow()?.resume());
  }

  end(trailers: readonly string[]): void {
    this.stop();
    const { res } = this.#exchange;
    if (trailers.length > 0) res.addTrailers(sendableTrailers(trailers));
    if (this.#whole === undefined) res.end();
    else res.end(this.#whole, 'latin1');
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

/** What the client is sent of an upstream's fields, with what the route and the gateway add. May change `fields`. */
export function fieldsForClient(exchange: Exchange, fields: string[]): string[] {
  const sent = exchange.route?.cors === undefined ? fields : withoutCors(fields);
  exchange.route?.responseHeaders?.apply(sent);
  exchange.addOwnFields(sent);
  return sent;
}

/** The route says who may read across origins, not the upstream. */
function withoutCors(fields: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index]!;
    if (!name.startsWith('access-control-')) kept.push(name, fields[index + 1]!);
  }
  return kept;
}
