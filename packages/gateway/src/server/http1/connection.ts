/**
 * One client's connection that speaks HTTP/1.1: requests read one after another, each answered before the next is looked at (RFC 9112 section
 * 9.3), bodies read only while somebody takes them, and nothing read that could be taken for something else.
 */
import type { Socket } from 'node:net';
import type { GatewayConfig } from '../../config/schema.ts';
import { gatherWrites } from '../../connection/gathered-writes.ts';
import { answerFor, ANSWER_FIELDS, type AnswerCode } from '../answers.ts';
import type { ClientConnection } from '../client-connection.ts';
import { BodyReader } from './body-reader.ts';
import { Http1Request } from './client-request.ts';
import { Http1Response, type ResponseOutlet } from './client-response.ts';
import { ReaderWatch } from './reader-watch.ts';
import { hasLineFault, parseRequestHead, type RequestHead } from './request-head.ts';

/** What is the same for all connections of a server. */
export interface ConnectionContext {
  readonly limits: GatewayConfig['limits'];
  /** A coarse clock: milliseconds, good to a fraction of the time-outs. */
  readonly clock: { nowMs: number; date: string };
  readonly keepAliveLines: string;
  isDraining: boolean;
  readonly onRequest: (request: Http1Request, response: Http1Response, connection: Http1Connection) => RequestUnderWay;
  /** Without it an upgrade is a request like any other. */
  readonly onUpgrade:
    | ((request: Http1Request, response: Http1Response, connection: Http1Connection) => RequestUnderWay)
    | undefined;
  /** Counts what never became a request. */
  readonly onRefused: (code: AnswerCode) => void;
  readonly onClosed: (connection: Http1Connection) => void;
  readonly makeId: () => string;
}

/** Somebody to tell when a request takes too long to arrive. */
export interface RequestUnderWay {
  answer(code: 'request_timeout' | 'request_malformed'): void;
}

const NOTHING: Buffer = Buffer.alloc(0);
/** Empty lines before a request line that are passed over (RFC 9112 section 2.2). */
const MOST_EMPTY_LINES = 4;
/** After the last response: how long octets that are still on their way are read and dropped, so that they do not reset the connection. */
const LINGER_MS = 2000;
/** Requests that came together are answered together, up to so many in one turn of the event loop. */
const MOST_IN_A_TURN = 32;
/** What is longer is worth a call of its own, and is not held in memory until the turn's end. */
const GATHERED_OCTETS = 16 * 1024;
const [CR, LF] = [0x0d, 0x0a];

export class Http1Connection implements ResponseOutlet {
  readonly socket: Socket;
  /** Whose it is. */
  readonly client: ClientConnection;
  readonly #context: ConnectionContext;
  /** Octets that arrived and were not read yet. */
  #held = NOTHING;
  #request: Http1Request | undefined;
  #response: Http1Response | undefined;
  #underWay: RequestUnderWay | undefined;
  #body: BodyReader | undefined;
  /** Whether somebody takes the body, or it is read only to be dropped. */
  #takesBody = false;
  #isReading = false;
  #isClosing = false;
  #isDetached = false;
  #hasEnded = false;
  #requests = 0;
  #emptyLines = 0;
  /** Since when the present phase lasts. */
  #sinceMs: number;
  readonly #reader: ReaderWatch;

  constructor(socket: Socket, client: ClientConnection, context: ConnectionContext) {
    this.socket = socket;
    this.client = client;
    this.#context = context;
    this.#reader = new ReaderWatch(socket);
    this.#sinceMs = context.clock.nowMs;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('drain', this.#onDrain);
    socket.on('error', this.#onError).on('close', this.#onClose);
  }

  /** Ends the connection if nothing is under way; what speaks another protocol is told that no more follows. */
  drain(): void {
    if (this.#isDetached) this.socket.end();
    else if (this.#response !== undefined || this.#held.length > 0) return;
    // The answer before may still wait for the end of the turn, or for its reader.
    else if (this.socket.writableLength > 0) this.#close();
    else this.destroy();
  }

  /** Takes the connection from HTTP: from here on the caller reads and writes. */
  detach(): Socket {
    const { socket } = this;
    this.#isDetached = true;
    // How the exchange ends is the new owner's to say.
    this.#request = undefined;
    this.#response = undefined;
    this.#underWay = undefined;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('drain', this.#onDrain).off('error', this.#onError);
    socket.pause();
    if (this.#held.length > 0) socket.unshift(this.#held);
    this.#held = NOTHING;
    return socket;
  }

  /** Ends what took too long. Called now and then. */
  checkTime(): void {
    const { limits, clock } = this.#context;
    const sinceMs = clock.nowMs - this.#sinceMs;
    if (this.#isDetached) return;
    if (this.#response === undefined && this.socket.writableLength > 0) {
      this.#checkReader(sinceMs);
    } else if (this.#isClosing) {
      if (sinceMs >= LINGER_MS) this.destroy();
    } else if (this.#response !== undefined) {
      this.#checkResponse(sinceMs);
    } else if (this.#held.length > 0) {
      if (sinceMs >= Math.min(limits.headersTimeout, limits.requestTimeout)) this.#refuse('request_timeout');
    } else if (this.#body !== undefined) {
      if (sinceMs >= limits.requestTimeout) this.destroy();
    } else if (sinceMs >= (this.#requests === 0 ? limits.headersTimeout : limits.keepAlive)) {
      this.destroy();
    }
  }

  // The outlet of the response under way.

  write(octets: string | Buffer, how: 'latin1' | 'utf8' | (() => void)): boolean {
    if (octets.length <= GATHERED_OCTETS) gatherWrites(this.socket);
    return typeof how === 'string' ? this.socket.write(octets, how) : this.socket.write(octets, how);
  }

  cork(): void {
    this.socket.cork();
  }

  uncork(): void {
    this.socket.uncork();
  }

  date(): string {
    return this.#context.clock.date;
  }

  get keepAliveLines(): string {
    return this.#context.keepAliveLines;
  }

  done(): void {
    // What waits for the turn's end alone is as good as sent.
    if (!this.socket.writableNeedDrain) this.#responded();
    else this.socket.write(NOTHING, () => this.#responded());
  }

  destroy(): void {
    this.socket.destroy();
    if (!this.#isDetached) this.#gone();
  }

  // What the socket says.

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isClosing) return;
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#response === undefined && this.#body === undefined && this.#held === chunk) {
      this.#sinceMs = this.#context.clock.nowMs;
    }
    if (!this.#isReading) this.#read();
  };

  /** The client sends no more: it has left, or it stopped within a request. */
  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (this.#isClosing) this.socket.destroySoon();
    else if (this.#response !== undefined) this.destroy();
    else if (this.#held.length > 0) this.#refuse('request_malformed');
    else this.#close();
  };

  readonly #onDrain = (): void => this.#response?.drained();

  readonly #onError = (): void => this.destroy();

  readonly #onClose = (): void => {
    this.#gone();
    this.#context.onClosed(this);
  };

  /** Reads what is held, as far as that is possible now. */
  #read(): void {
    this.#isReading = true;
    let inThisTurn = 0;
    while (this.#held.length > 0 && !this.#isClosing && !this.#isDetached) {
      if (this.#body !== undefined) {
        if (!this.#takesBody) break;
        this.#readBody(this.#body);
      } else if (this.#response !== undefined) {
        break;
      } else if (inThisTurn >= MOST_IN_A_TURN) {
        setImmediate(() => this.#read());
        break;
      } else {
        inThisTurn++;
        if (!this.#readHead()) break;
      }
    }
    this.#isReading = false;
    this.#steer();
  }

  /** Reads on from the socket only when what comes next can be used. */
  #steer(): void {
    const { socket } = this;
    if (this.#isDetached || socket.destroyed) return;
    const mustWait =
      !this.#isClosing && this.#held.length > 0 && (this.#response !== undefined || this.#body !== undefined);
    const isRefused = this.#body !== undefined && !this.#takesBody && !this.#isClosing;
    if (mustWait || isRefused) {
      if (!socket.isPaused()) socket.pause();
    } else if (socket.isPaused()) {
      socket.resume();
    }
  }

  /** @returns false when more octets are needed. */
  #readHead(): boolean {
    const { limits } = this.#context;
    const start = this.#skipEmptyLines();
    if (start === -1) {
      this.#refuse('request_malformed');
      return false;
    }
    const end = this.#held.indexOf('\r\n\r\n', start, 'latin1');
    const length = (end === -1 ? this.#held.length : end) - start;
    if (length > limits.headerSize) {
      this.#refuse('headers_too_large');
      return false;
    }
    if (end === -1) {
      // What will never be a head is not waited for.
      if (hasLineFault(this.#held, start)) this.#refuse('request_malformed');
      return false;
    }
    const head = parseRequestHead(this.#held, start, end, limits.headerCount);
    this.#held = end + 4 === this.#held.length ? NOTHING : this.#held.subarray(end + 4);
    if (typeof head === 'string') {
      this.#refuse(head);
      return false;
    }
    this.#begin(head);
    return true;
  }

  /** @returns where the request line begins, or -1 when there are too many empty lines before it. */
  #skipEmptyLines(): number {
    let at = 0;
    while (this.#held[at] === CR && this.#held[at + 1] === LF) {
      at += 2;
      if (++this.#emptyLines > MOST_EMPTY_LINES) return -1;
    }
    if (at > 0) this.#held = this.#held.subarray(at);
    return 0;
  }

  #begin(head: RequestHead): void {
    const context = this.#context;
    this.#requests++;
    this.#emptyLines = 0;
    this.#sinceMs = context.clock.nowMs;
    const request = new Http1Request(head, this.#flow);
    const upgrade = head.wantsWebSocket && request.complete ? context.onUpgrade : undefined;
    // Who wanted to speak WebSocket has nothing more to say in HTTP.
    const keepAlive = head.keepAlive && upgrade === undefined && !this.#hasEnded && !context.isDraining;
    const response = new Http1Response(this, head.method, head.minor, keepAlive);
    this.#request = request;
    this.#response = response;
    this.#takesBody = false;
    if (!request.complete) this.#body = new BodyReader(head.contentLength, head.chunked);
    const underWay = (upgrade ?? context.onRequest)(request, response, this);
    if (this.#response === response) this.#underWay = underWay;
  }

  readonly #flow = {
    resume: (): void => {
      this.#takesBody = true;
      if (!this.#isReading) this.#read();
    },
    pause: (): void => {
      this.#takesBody = false;
      this.#steer();
    },
  };

  #readBody(body: BodyReader): void {
    const request = this.#request;
    const held = this.#held;
    this.#held = NOTHING;
    const at = body.read(held, 0, request === undefined ? drop : request.receive);
    if (at < held.length) this.#held = held.subarray(at);
    if (body.state === 'malformed') {
      this.#bodyMalformed();
    } else if (body.state === 'done') {
      this.#body = undefined;
      if (this.#response === undefined) this.#sinceMs = this.#context.clock.nowMs;
      request?.finish(body.trailers);
    }
  }

  /** What frames the body is wrong: nothing behind it can be understood. */
  #bodyMalformed(): void {
    const [request, response] = [this.#request, this.#response];
    if (response === undefined) {
      this.#close();
      return;
    }
    response.shouldKeepAlive = false;
    request?.closed();
    if (!response.headersSent) this.#underWay?.answer('request_malformed');
    else if (!response.isEnded) this.destroy();
  }

  /** The response was handed over whole. */
  #responded(): void {
    const response = this.#response;
    if (response === undefined || this.#isDetached) return;
    this.#response = undefined;
    this.#underWay = undefined;
    this.#request = undefined;
    this.#sinceMs = this.#context.clock.nowMs;
    response.closed();
    if (!response.shouldKeepAlive || this.#context.isDraining || this.#body?.state === 'malformed') {
      this.#close();
      return;
    }
    // The rest of a body that nobody wanted is read away.
    this.#takesBody = true;
    if (this.#hasEnded && this.#held.length === 0) this.#close();
    else if (this.#isReading) return;
    else if (this.#held.length > 0) this.#read();
    else this.#steer();
  }

  #checkResponse(sinceMs: number): void {
    if (this.#response?.headersSent === true) {
      this.#checkReader(sinceMs);
    } else if (this.#body !== undefined && sinceMs >= this.#context.limits.requestTimeout) {
      if (this.#response !== undefined) this.#response.shouldKeepAlive = false;
      this.#underWay?.answer('request_timeout');
    }
  }

  /** A client that does not read is let go, however slowly it may read. */
  #checkReader(sinceMs: number): void {
    const { limits, clock } = this.#context;
    if (this.#reader.moved()) this.#sinceMs = clock.nowMs;
    else if (sinceMs >= limits.requestTimeout) this.destroy();
  }

  /** Answers what is no request, and ends the connection. */
  #refuse(code: AnswerCode): void {
    const context = this.#context;
    context.onRefused(code);
    const requestId = context.makeId();
    const { status, body } = answerFor(code, requestId);
    const response = new Http1Response(this, 'GET', 1, false);
    this.#response = response;
    response.writeHead(status, [...ANSWER_FIELDS, 'x-request-id', requestId]);
    response.end(body);
  }

  /** Sends what is to be sent, then waits a little for the client to do the same. */
  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#held = NOTHING;
    this.#sinceMs = this.#context.clock.nowMs;
    if (this.#hasEnded) this.socket.destroySoon();
    else this.socket.end();
    this.#steer();
  }

  /** The connection is gone, in the middle of whatever was under way. */
  #gone(): void {
    const [request, response] = [this.#request, this.#response];
    this.#request = undefined;
    this.#response = undefined;
    this.#underWay = undefined;
    this.#held = NOTHING;
    this.#isClosing = true;
    if (request !== undefined && !request.complete) request.closed();
    response?.closed();
  }
}

const drop = (): void => undefined;
