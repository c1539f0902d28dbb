/**
 * One connection to an instance, carrying one request at a time (RFC 9112 section 9.3).
 *
 * Reads into a buffer that all connections share, so that a response costs no allocation of its own; whoever takes a part of it copies
 * what must outlive the call. Any octet that arrives while nothing was asked for ends the connection, because it would be taken for the
 * answer to somebody else's request.
 */
import type { Socket } from 'node:net';
import { freeOctets } from '../../connection/lent-memory.ts';
import { gatherWrites } from '../../connection/gathered-writes.ts';
import type { Dialer } from '../dialer.ts';
import type { RequestBody } from '../request-body.ts';
import { requestHead } from '../request-head.ts';
import type { OutgoingRequest, ResponseHandler, UpstreamFault } from '../transport.ts';
import type { ResponseHead } from './response-head.ts';
import { ResponseParser, type ResponseParts } from './response-parser.ts';

export interface ConnectionOptions {
  readonly dialer: Dialer;
  readonly connectTimeoutMs: number;
  /** A coarse clock: milliseconds, good to a fraction of the time-outs. */
  readonly clock: { readonly nowMs: number };
  readonly onConnected: (connection: Connection) => void;
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
  #retired = false;
  /** Since when nothing has happened, by the coarse clock. */
  #quietSinceMs: number;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#parser = new ResponseParser(this);
    this.#quietSinceMs = options.clock.nowMs;
    this.#socket = this.#open(options.dialer);
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

  /** The address it is connected to; undefined until it is. */
  get address(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /** Carries no further request. */
  retire(): void {
    this.#retired = true;
    if (this.#handler === undefined && this.#connected) this.close();
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
    const reusable = this.#keepAlive && this.#bodySent && this.#keepIdleMs > 0 && !this.#closed && !this.#retired;
    if (!reusable) this.close();
    // The client may still be slow with what it got; the next request has another client.
    else if (this.#socket.isPaused()) this.#socket.resume();
    handler?.onEnd(trailers);
    if (reusable) this.#options.onIdle(this);
  }

  #open(dialer: Dialer): Socket {
    const callback = (length: number): boolean => {
      this.#received(READ_BUFFER, length);
      return !this.#socket.isPaused();
    };
    const socket = dialer.open('http/1.1', { buffer: READ_BUFFER, callback });
    if (dialer.isSecure) socket.on('data', (chunk: Buffer) => this.#received(chunk, chunk.length));
    return socket.once(dialer.isSecure ? 'secureConnect' : 'connect', () => this.#ready());
  }

  #ready(): void {
    this.#connected = true;
    this.#quietSinceMs = this.#options.clock.nowMs;
    this.#options.onConnected(this);
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

  #write(request: OutgoingRequest): void {
    gatherWrites(this.#socket);
    this.#socket.write(requestHead(request), 'latin1');
    if (request.body !== undefined) this.#writeBody(request.body, request.chunked);
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
      } else if (!socket.write(chunk, () => freeOctets(chunk))) {
        body.pause();
      }
    });
    body.on('end', () => {
      detach();
      if (chunked) socket.write(lastChunk(body.trailers), 'latin1');
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

/** RFC 9112 sections 7.1 and 7.1.2. */
function lastChunk(trailers: readonly string[]): string {
  let text = '0\r\n';
  for (let index = 0; index < trailers.length; index += 2) text += `${trailers[index]}: ${trailers[index + 1]}\r\n`;
  return `${text}\r\n`;
}
