/**
 * HTTP/2 connections to one instance: as few as carry the requests, another when every stream of those is taken, replaced when the instance
 * says goodbye (RFC 9113 section 6.8).
 */
import { connect, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { OutgoingRequest, ResponseHandler, Sending, Transport, TransportOptions } from '../transport.ts';
import { tickMsOf } from '../time-out-tick.ts';
import { StreamSending } from './stream-sending.ts';

interface Session {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;
  readonly sendings: Set<StreamSending>;
  readonly sinceMs: number;
  /** When the last stream ended. */
  idleSinceMs: number;
  ready: boolean;
  /** Takes no more requests. */
  leaving: boolean;
  fault: 'unreachable' | 'connect_timeout';
}

/** An idle connection is kept so long. */
const KEEP_IDLE_MS = 60_000;
/** Streams on a connection when the instance sets no bound: more than that is better served by a second connection. */
const MOST_STREAMS = 256;
const WINDOW_BYTES = 1024 * 1024;

export class SessionPool implements Transport {
  readonly #options: TransportOptions;
  readonly #sessions = new Set<Session>();
  /** Waiting for a connection. */
  #queue: StreamSending[] = [];
  readonly #clock = { nowMs: 0 };
  readonly #timer: NodeJS.Timeout;
  #closing: (() => void) | undefined;
  #isCurrent: (address: string) => boolean = () => true;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#clock.nowMs = options.monotonicMs();
    this.#timer = setInterval(() => this.#tick(), tickMsOf(options)).unref();
  }

  send(request: OutgoingRequest, handler: ResponseHandler): Sending {
    const sending = new StreamSending(request, handler, {
      clock: this.#clock,
      onClosed: (closed) => this.#streamClosed(closed),
    });
    const free = this.#free();
    if (free === undefined) this.#wait(sending);
    else this.#start(sending, free);
    return sending;
  }

  get size(): number {
    return this.#sessions.size;
  }

  keepOnly(isCurrent: (address: string) => boolean): void {
    this.#isCurrent = isCurrent;
    for (const known of this.#sessions) if (this.#isGone(known)) this.#leave(known);
  }

  #isGone({ socket: { remoteAddress } }: Session): boolean {
    return remoteAddress !== undefined && !this.#isCurrent(remoteAddress);
  }

  close(force: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#closing = () => {
        clearInterval(this.#timer);
        resolve();
      };
      for (const known of this.#sessions) {
        if (force) known.session.destroy();
        else this.#leave(known);
      }
      if (this.#sessions.size === 0) this.#closing();
    });
  }

  #free(): Session | undefined {
    for (const known of this.#sessions) if (known.ready && !known.leaving && hasRoom(known)) return known;
    return undefined;
  }

  #wait(sending: StreamSending): void {
    this.#queue.push(sending);
    const coming = [...this.#sessions].some(({ ready, leaving }) => !ready && !leaving);
    if (!coming && this.#sessions.size < this.#options.maxConnections) this.#open();
  }

  #start(sending: StreamSending, known: Session): void {
    known.sendings.add(sending);
    try {
      sending.start(known.session, this.#options.dialer.isSecure);
    } catch {
      // The connection ended just now: nothing was sent.
      known.sendings.delete(sending);
      known.leaving = true;
      sending.fail('unreachable', false);
    }
  }

  #open(): void {
    const { dialer } = this.#options;
    const socket = dialer.open('h2');
    const session = connect(dialer.url, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    });
    const { nowMs } = this.#clock;
    const known: Session = {
      session,
      socket,
      sendings: new Set(),
      sinceMs: nowMs,
      idleSinceMs: nowMs,
      ready: false,
      leaving: false,
      fault: 'unreachable',
    };
    this.#sessions.add(known);
    session
      .once('remoteSettings', () => this.#ready(known))
      .on('goaway', () => this.#leave(known))
      .on('error', () => undefined)
      .once('close', () => this.#closed(known));
  }

  #ready(known: Session): void {
    if (known.socket instanceof TLSSocket && known.socket.alpnProtocol !== 'h2') {
      known.session.destroy();
      return;
    }
    known.ready = true;
    known.session.setLocalWindowSize(WINDOW_BYTES);
    this.#serveQueue();
    if (this.#isGone(known)) this.#leave(known);
  }

  #serveQueue(): void {
    while (this.#queue.length > 0) {
      const free = this.#free();
      if (free === undefined) break;
      const next = this.#queue.shift();
      if (next !== undefined && !next.isOver) this.#start(next, free);
    }
    const coming = [...this.#sessions].some(({ ready, leaving }) => !ready && !leaving);
    if (this.#queue.length > 0 && !coming && this.#sessions.size < this.#options.maxConnections) this.#open();
  }

  #streamClosed(sending: StreamSending): void {
    for (const known of this.#sessions) {
      if (!known.sendings.delete(sending)) continue;
      known.idleSinceMs = this.#clock.nowMs;
    }
    this.#serveQueue();
  }

  /** Streams under way end as they may; nothing new begins. */
  #leave(known: Session): void {
    known.leaving = true;
    known.session.close();
  }

  #closed(known: Session): void {
    this.#sessions.delete(known);
    if (!known.ready) {
      // The instance cannot be reached: those who wait for it need not wait for the next try.
      const waiting = this.#queue;
      this.#queue = [];
      for (const sending of waiting) sending.fail(known.fault, false);
    } else {
      this.#serveQueue();
    }
    if (this.#closing !== undefined && this.#sessions.size === 0) this.#closing();
  }

  #tick(): void {
    const { headerTimeoutMs, idleTimeoutMs, connectTimeoutMs, monotonicMs } = this.#options;
    const nowMs = (this.#clock.nowMs = monotonicMs());
    for (const known of this.#sessions) {
      if (!known.ready && nowMs - known.sinceMs >= connectTimeoutMs) {
        known.fault = 'connect_timeout';
        known.session.destroy();
      } else if (known.sendings.size === 0 && nowMs - known.idleSinceMs >= KEEP_IDLE_MS) {
        this.#leave(known);
      }
      for (const sending of known.sendings) {
        // Maybe it is the connection that is dead: the next request gets another.
        if (sending.checkTime(headerTimeoutMs, idleTimeoutMs)) this.#leave(known);
      }
    }
    while (this.#queue[0] !== undefined && nowMs - this.#queue[0].quietSinceMs >= connectTimeoutMs) {
      this.#queue.shift()?.fail('connect_timeout', false);
    }
  }
}

function hasRoom({ session, sendings }: Session): boolean {
  const most = session.remoteSettings.maxConcurrentStreams ?? MOST_STREAMS;
  return !session.closed && !session.destroyed && sendings.size < Math.min(most, MOST_STREAMS);
}
