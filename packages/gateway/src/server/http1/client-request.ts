/**
 * One HTTP/1.1 request as the pipeline sees it. Its body is read from the connection only while somebody takes it.
 */
import type { BodySource, ClientRequest } from '../client-message.ts';
import type { RequestHead } from './request-head.ts';

/** What the connection does with the octets behind the head. */
export interface BodyFlow {
  resume(): void;
  pause(): void;
}

const NO_TRAILERS: readonly string[] = Object.freeze([]);

export class Http1Request implements ClientRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  complete: boolean;
  trailers: readonly string[] = NO_TRAILERS;
  readonly httpVersion: '1.0' | '1.1';
  readonly #flow: BodyFlow;
  #onData: ((chunk: Buffer) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #onClose: (() => void) | undefined;

  constructor(head: RequestHead, flow: BodyFlow) {
    this.method = head.method;
    this.url = head.target;
    this.rawHeaders = head.fields;
    this.httpVersion = head.minor === 0 ? '1.0' : '1.1';
    this.complete = !head.chunked && head.contentLength === 0;
    this.#flow = flow;
  }

  /** One listener for each event: a body has one reader. */
  on(event: 'data' | 'end' | 'close', listener: (chunk: Buffer) => void): BodySource {
    if (event === 'data') this.#onData = listener;
    else if (event === 'end') this.#onEnd = listener as () => void;
    else this.#onClose = listener as () => void;
    return this;
  }

  off(event: 'data' | 'end' | 'close', listener: (chunk: Buffer) => void): BodySource {
    if (event === 'data' && this.#onData === listener) this.#onData = undefined;
    else if (event === 'end' && this.#onEnd === listener) this.#onEnd = undefined;
    else if (event === 'close' && this.#onClose === listener) this.#onClose = undefined;
    return this;
  }

  pause(): void {
    this.#flow.pause();
  }

  resume(): void {
    if (!this.complete) this.#flow.resume();
  }

  // What the connection finds.

  readonly receive = (chunk: Buffer): void => {
    this.#onData?.(chunk);
  };

  /** @param trailers - Name, value, name, value. */
  finish(trailers: readonly string[]): void {
    this.trailers = trailers;
    this.complete = true;
    this.#onEnd?.();
  }

  /** The connection is gone. */
  closed(): void {
    this.#onClose?.();
  }
}
