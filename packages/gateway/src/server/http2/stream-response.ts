/**
 * One HTTP/2 stream's response in the shape of Node's HTTP/1.1 response: the head is held back until the first octet of the body, trailers
 * follow the last, and a client that still sends when all is said is told to stop (RFC 9113 section 8.1).
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { ClientResponse } from '../client-message.ts';
import type { StreamRequest } from './stream-request.ts';

export class StreamResponse implements ClientResponse {
  statusCode = 200;
  headersSent = false;
  shouldKeepAlive = true;
  readonly #stream: ServerHttp2Stream;
  readonly #request: StreamRequest;
  #fields: readonly string[] | undefined;
  #trailers: Record<string, string> | undefined;
  readonly #isHead: boolean;

  constructor(stream: ServerHttp2Stream, request: StreamRequest) {
    this.#stream = stream;
    this.#request = request;
    this.#isHead = request.method === 'HEAD';
  }

  get destroyed(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  writeHead(status: number, fields: string[]): void {
    for (let index = 0; index < fields.length; index += 2) {
      validateHeaderName(fields[index]!);
      validateHeaderValue(fields[index]!, fields[index + 1]!);
    }
    this.statusCode = status;
    this.#fields = fields;
    this.headersSent = true;
  }

  flushHeaders(): void {
    this.#respond(this.#isBodiless(), true);
  }

  writeContinue(): void {
    if (!this.destroyed) this.#stream.additionalHeaders({ ':status': 100 });
  }

  write(chunk: Buffer, taken: () => void): boolean {
    if (this.destroyed || this.#isBodiless()) {
      taken();
      return true;
    }
    this.#respond(false, true);
    return this.#stream.write(chunk, taken);
  }

  addTrailers(fields: [string, string][]): void {
    this.#trailers ??= {};
    for (const [name, value] of fields) this.#trailers[name] = value;
  }

  end(text?: string, encoding: 'latin1' | 'utf8' = 'utf8'): void {
    if (this.destroyed) return;
    const isEmpty = this.#isBodiless() || text === undefined || text === '';
    this.#respond(isEmpty && this.#trailers === undefined, this.#trailers !== undefined);
    if (isEmpty) this.#stream.end();
    else this.#stream.end(text, encoding);
    if (!this.#request.complete) this.#leaveRest();
  }

  /** What the client still sends is of no use. A little is read away; a client that may send much is told to stop, after its answer. */
  #leaveRest(): void {
    const stream = this.#stream;
    if (this.shouldKeepAlive) stream.resume();
    else stream.once('finish', () => setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR)));
  }

  destroy(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  on(event: string, listener: () => void): void {
    this.#stream.on(event, listener);
  }

  once(event: string, listener: () => void): void {
    this.#stream.once(event, listener);
  }

  #isBodiless(): boolean {
    return this.#isHead || this.statusCode === 204 || this.statusCode === 304;
  }

  /** Sends the head, if that was not done. */
  #respond(endStream: boolean, waitForTrailers: boolean): void {
    const fields = this.#fields;
    if (fields === undefined || this.destroyed) return;
    this.#fields = undefined;
    const head: string[] = [':status', String(this.statusCode)];
    for (let index = 0; index < fields.length; index += 2) {
      // Of the connection, which has its own ways here.
      if (fields[index] !== 'connection') head.push(fields[index]!, fields[index + 1]!);
    }
    if (waitForTrailers && !endStream) {
      this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(this.#trailers ?? {}));
    }
    this.#stream.respond(head, { endStream, waitForTrailers: waitForTrailers && !endStream });
  }
}
