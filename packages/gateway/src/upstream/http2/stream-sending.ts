/** One request on a stream of an HTTP/2 connection to an instance, and its response (RFC 9113 section 8.1). */
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { RequestBody } from '../request-body.ts';
import type { OutgoingRequest, ResponseHandler, Sending, UpstreamFault } from '../transport.ts';
import { readResponseHead } from './response-fields.ts';

export interface StreamOptions {
  /** Milliseconds, good to a fraction of the time-outs. */
  readonly clock: { readonly nowMs: number };
  /** Called once, when the stream is gone. */
  readonly onClosed: (sending: StreamSending) => void;
}

export class StreamSending implements Sending {
  readonly request: OutgoingRequest;
  readonly #handler: ResponseHandler;
  readonly #options: StreamOptions;
  /** Since when nothing has happened. */
  quietSinceMs: number;
  #stream: ClientHttp2Stream | undefined;
  #answered = false;
  /** The handler has heard the last word, or wants none. */
  #over = false;
  #trailers: readonly string[] = [];

  constructor(request: OutgoingRequest, handler: ResponseHandler, options: StreamOptions) {
    this.request = request;
    this.#handler = handler;
    this.#options = options;
    this.quietSinceMs = options.clock.nowMs;
  }

  get isOver(): boolean {
    return this.#over;
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.quietSinceMs = this.#options.clock.nowMs;
    this.#stream?.resume();
  }

  abort(): void {
    this.#over = true;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  /** Ends with a fault, unless it has ended. */
  fail(fault: UpstreamFault, sent: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    this.#handler.onFault(fault, sent);
  }

  start(session: ClientHttp2Session, isSecure: boolean): void {
    const { body, chunked } = this.request;
    this.quietSinceMs = this.#options.clock.nowMs;
    const stream = session.request(headOf(this.request, isSecure), {
      endStream: body === undefined,
      waitForTrailers: body !== undefined && chunked,
    });
    this.#stream = stream;
    stream
      .on('response', (_headers, _flags, raw) => this.#head(raw))
      .on('data', (chunk: Buffer) => {
        this.quietSinceMs = this.#options.clock.nowMs;
        if (!this.#over) this.#handler.onData(chunk, 0, chunk.length);
      })
      .on('trailers', (_headers, _flags, raw) => {
        this.#trailers = raw ?? [];
      })
      .on('end', () => this.#end())
      .on('error', () => undefined)
      .once('close', () => {
        // A refused stream was not looked at (RFC 9113 section 8.7).
        this.fail('broke_off', stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM);
        this.#options.onClosed(this);
      });
    if (body !== undefined) this.#send(body, stream);
  }

  /** @returns whether the instance took too long. */
  checkTime(headerTimeoutMs: number, idleTimeoutMs: number): boolean {
    const { nowMs } = this.#options.clock;
    if (this.#stream?.isPaused() === true) this.quietSinceMs = nowMs;
    if (nowMs - this.quietSinceMs < (this.#answered ? idleTimeoutMs : headerTimeoutMs)) return false;
    this.fail(this.#answered ? 'idle_timeout' : 'header_timeout', true);
    return true;
  }

  #head(raw: readonly string[] | undefined): void {
    this.quietSinceMs = this.#options.clock.nowMs;
    if (this.#over) return;
    const head = readResponseHead(raw ?? []);
    if (head === undefined) {
      this.fail('malformed_response', true);
      return;
    }
    this.#answered = true;
    this.#handler.onHead(head);
  }

  /** The instance has said all; what the client still sends is of no use to it. */
  #end(): void {
    if (this.#over || !this.#answered || this.#stream?.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    this.#over = true;
    if (!this.#stream.writableEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    this.#handler.onEnd(this.#trailers);
  }

  #send(body: RequestBody, stream: ClientHttp2Stream): void {
    stream.on('drain', () => void body.resume());
    stream.once('wantTrailers', () => stream.sendTrailers(asHeaders(body.trailers)));
    body.on('data', (chunk: Buffer) => {
      this.quietSinceMs = this.#options.clock.nowMs;
      if (!stream.write(chunk)) body.pause();
    });
    body.on('end', () => stream.end());
    body.on('error', () => this.fail('body_failed', true));
  }
}

/** `te: trailers` is the word by which gRPC servers know a client that reads trailers. */
function headOf({ method, target, host, fields }: OutgoingRequest, isSecure: boolean): string[] {
  const scheme = isSecure ? 'https' : 'http';
  const head = [':method', method, ':path', target, ':scheme', scheme, ':authority', host, 'te', 'trailers'];
  for (let index = 0; index < fields.length; index += 2) head.push(fields[index]!.toLowerCase(), fields[index + 1]!);
  return head;
}

/** A repeated name keeps each of its values. */
function asHeaders(trailers: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index < trailers.length; index += 2)
    (headers[trailers[index]!] ??= []).push(trailers[index + 1]!);
  return headers;
}
