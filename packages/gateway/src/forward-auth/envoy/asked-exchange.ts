/** One question of Envoy in the shape of a client's request and response, so that the same pipeline decides about it. */
import { EventEmitter } from 'node:events';
import type { ClientRequest, ClientResponse } from '../../server/client-message.ts';
import { allowed, denied, type Allowance, type CheckedRequest } from './check-messages.ts';

/** Bodies are not part of the question: there is nothing to read. */
export class AskedRequest extends EventEmitter implements ClientRequest {
  readonly complete = true;
  readonly trailers = [];
  readonly httpVersion = '1.1';
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];

  constructor({ method, target, rawHeaders }: CheckedRequest) {
    super();
    this.method = method;
    this.url = target;
    this.rawHeaders = rawHeaders;
  }

  pause(): void {}
  resume(): void {}
}

/** Turns the one answer that it is given into a `CheckResponse`. */
export class AskedResponse extends EventEmitter implements ClientResponse {
  statusCode = 0;
  headersSent = false;
  destroyed = false;
  shouldKeepAlive = true;
  readonly #send: (message: Buffer) => void;
  #fields: readonly string[] = [];

  constructor(send: (message: Buffer) => void) {
    super();
    this.#send = send;
  }

  allow(allowance: Allowance): void {
    this.statusCode = 200;
    this.#finish(allowed(allowance));
  }

  writeHead(status: number, fields: string[]): void {
    this.statusCode = status;
    this.#fields = fields.filter((_, index) => fields[index - (index % 2)] !== 'content-length');
    this.headersSent = true;
  }

  end(body = ''): void {
    this.#finish(denied(this.statusCode, this.#fields, body));
  }

  /** The question was taken back. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }

  flushHeaders(): void {}
  writeContinue(): void {}
  addTrailers(): void {}
  write(_chunk: Buffer, taken: () => void): boolean {
    taken();
    return true;
  }

  #finish(message: Buffer): void {
    if (this.destroyed) return;
    this.headersSent = true;
    this.#send(message);
    this.destroy();
  }
}
