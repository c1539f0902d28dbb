/**
 * One connection to an instance, carrying one request at a time (RFC 9112 section 9.3).
 *
 * Reads into a buffer that all connections share, so that a response costs no allocation of its own; whoever takes a part of it copies
 * what must outlive the call. Any octet that arrives while nothing was asked for ends the connection, because it would be taken for the
 * answer to somebody else's request.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RequestBody } from '../request-body.ts';
import type { ResponseHead } from './response-head.ts';
import { ResponseParser, type ResponseParts } from './response-parser.ts';

/** Why a request failed. */
export type UpstreamFault =
  | 'unreachable'
  | 'connect_timeout'
  | 'header_timeout'
  | 'idle_timeout'
  | 'broke_off'
  | 'malformed_response'
  | 'body_failed';

/** Who sent the request gets its response. */
export interface ResponseHandler {
  /** The final response's head; interim responses are not reported. */
  onHead(head: ResponseHead): void;
  /** The octets are only good during the call. Use `pause` when they come too fast. */
  onData(buffer: Buffer, start: number, end: number): void;
  /** @param trailers - Name, value, name, value. */
  onEnd(trailers: readonly string[]): void;
  /** @param sent - Whether the upstream may have seen any of the request. */
  onFault(fault: UpstreamFault, sent: boolean): void;
}

export interface OutgoingRequest {
  readonly method: string;
  /** Request line and fields with the empty line, one character an octet. */
  readonly head: string;
  readonly body: RequestBody | undefined;
  readonly chunked: boolean;
}

export interface ConnectionOptions {
  readonly url: URL;
  readonly connectTimeoutMs: number;
  /** A coarse clock: milliseconds, good to a fraction of the time-outs. */
  readonly clock: { readonly nowMs: number };
  /** It carries no request any more and could carry another. */
  readonly onIdle: (connection: Connection) => void;
  /** Called once, when it is gone for good. */
  readonly onClosed: (connection: Connection) => void;
}

const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** How long an idle connection is kept when the upstream does not say. */
const KEEP_IDLE_MS = 4000;
/** Sooner than the upstream closes it, so that no request crosses the closing. */
const CLOSE_EARLY_MS = 1000;

export class Connection implements ResponseParts {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #parser: ResponseParser;
  #handler: ResponseHandler | undefined;
  #request: OutgoingRequest | undefined;
  #connected = false;
  #bodySent = true;
  #answered = false;
  #keepAlive = true;
  #keepIdleMs = KEEP_IDLE_MS;
  #closed = false;
  /** Since when nothing has happened, by the coarse clock. */
  #quietSinceMs: number;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#parser = new ResponseParser(this);
    this.#quietSinceMs = options.clock.nowMs;
    this.#socket = this.#open(options.url);
    this.#socket
      .on('end', () => this.#ended())
      .on('error', () => this.#lost())
      .on('close', () => {
        this.#lost();
        options.onClosed(this);
      });
  }

  /** Sends a request, at once or when connected. */
  send(request: OutgoingRequest, handler: ResponseHandler): void {
    this.#request = request;
    this.#handler = handler;
    this.#answered = false;
    this.#quietSinceMs = this.#options.clock.nowMs;
    this.#parser.begin(request.method);
    if (this.#connected) this.#write(request);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#quietSinceMs = this.#options.clock.nowMs;
    this.#socket.resume();
  }

  /** Ends the request under way without a word to its sender, and the connection with it. */
  abort(): void {
    this.#handler = undefined;
    this.close();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  /** Ends what took too long. Called now and then. */
  checkTime(headerTimeoutMs: number, idleTimeoutMs: number): void {
    const quietMs = this.#options.clock.nowMs - this.#quietSinceMs;
    if (!this.#connected) {
      if (quietMs >= this.#options.connectTimeoutMs) this.#fail('connect_timeout');
    } else if (this.#handler === undefined) {
      if (quietMs >= this.#keepIdleMs) this.close();
    } else if (this.#socket.isPaused()) {
      // The client reads slowly: not the upstream's silence.
      this.#quietSinceMs = this.#options.clock.nowMs;
    } else if (quietMs >= (this.#answered ? idleTimeoutMs : headerTimeoutMs)) {
      this.#fail(this.#answered ? 'idle_timeout' : 'header_timeout');
    }
  }

  // What the parser finds.

  head(head: ResponseHead): void {
    if (head.status < 200) {
      if (head.status === 101) this.#fail('malformed_response');
      return;
    }
    this.#answered = true;
    this.#keepAlive = head.keepAlive && this.#parser.state !== 'until-close';
    if (head.keepAliveSeconds >= 0) this.#keepIdleMs = Math.max(0, head.keepAliveSeconds * 1000 - CLOSE_EARLY_MS);
    this.#handler?.onHead(head);
  }

  data(buffer: Buffer, start: number, end: number): void {
    this.#handler?.onData(buffer, start, end);
  }

  end(trailers: readonly string[]): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#request = undefined;
    const reusable = this.#keepAlive && this.#bodySent && this.#keepIdleMs > 0 && !this.#closed;
    if (!reusable) this.close();
    handler?.onEnd(trailers);
    if (reusable) this.#options.onIdle(this);
  }

  #open(url: URL): Socket {
    const host = url.hostname.replace(/^\[(.*)\]$/u, '$1');
    const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
    const connected = (): void => this.#ready();
    if (url.protocol === 'https:') {
      const servername = /^[0-9.]+$|:/u.test(host) ? '' : host;
      const socket = connectTls({ host, port, servername, ALPNProtocols: ['http/1.1'] }, connected);
      socket.on('data', (chunk: Buffer) => this.#received(chunk, chunk.length));
      return socket;
    }
    const callback = (length: number): boolean => {
      this.#received(READ_BUFFER, length);
      return !this.#socket.isPaused();
    };
    return connectTcp({ host, port, noDelay: true, onread: { buffer: READ_BUFFER, callback } }, connected);
  }

  #ready(): void {
    this.#connected = true;
    this.#quietSinceMs = this.#options.clock.nowMs;
    if (this.#request !== undefined) this.#write(this.#request);
  }

  #received(buffer: Buffer, length: number): void {
    this.#quietSinceMs = this.#options.clock.nowMs;
    if (this.#handler === undefined) {
      this.close();
      return;
    }
    this.#parser.read(buffer, length);
    if (this.#parser.state === 'malformed') this.#fail('malformed_response');
  }

  #write({ head, body, chunked }: OutgoingRequest): void {
    this.#socket.write(head, 'latin1');
    if (body !== undefined) this.#writeBody(body, chunked);
  }

  #writeBody(body: RequestBody, chunked: boolean): void {
    const socket = this.#socket;
    this.#bodySent = false;
    const onDrain = (): void => void body.resume();
    const detach = (): void => void socket.off('drain', onDrain);
    socket.on('drain', onDrain);
    body.on('data', (chunk: Buffer) => {
      this.#quietSinceMs = this.#options.clock.nowMs;
      if (chunked) {
        socket.cork();
        socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
        socket.write(chunk);
        if (!socket.write('\r\n', 'latin1')) body.pause();
        socket.uncork();
      } else if (!socket.write(chunk)) {
        body.pause();
      }
    });
    body.on('end', () => {
      detach();
      if (chunked) socket.write('0\r\n\r\n', 'latin1');
      this.#bodySent = true;
    });
    body.on('error', () => {
      detach();
      this.#fail('body_failed');
    });
  }

  /** The upstream sends no more: the end of a response without a length, or of the connection. */
  #ended(): void {
    if (this.#handler !== undefined && !this.#parser.finish()) this.#fail('broke_off');
    else this.close();
  }

  #lost(): void {
    this.#fail(this.#connected ? 'broke_off' : 'unreachable');
  }

  #fail(fault: UpstreamFault): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.close();
    handler?.onFault(fault, this.#connected);
  }
}
