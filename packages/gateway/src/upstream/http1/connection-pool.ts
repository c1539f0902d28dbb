/**
 * The connections to one instance: reused newest first, opened up to a limit, queued for beyond it.
 *
 * A connection that has just answered is not used again before the event loop has looked once at what else arrived on it: octets that
 * nobody asked for would be taken for the answer to the next request (response queue poisoning), so they end the connection instead.
 */
import type { OutgoingRequest, ResponseHandler, Sending, Transport, TransportOptions } from '../transport.ts';
import { tickMsOf } from '../time-out-tick.ts';
import { Connection } from './connection.ts';

/** A request on its way, or waiting for a connection. */
class Http1Sending implements Sending {
  readonly request: OutgoingRequest;
  readonly handler: ResponseHandler;
  /** Since when it waits for a connection. */
  readonly sinceMs: number;
  connection: Connection | undefined = undefined;
  isGone = false;

  constructor(request: OutgoingRequest, handler: ResponseHandler, sinceMs: number) {
    this.request = request;
    this.handler = handler;
    this.sinceMs = sinceMs;
  }

  pause(): void {
    this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
  }

  abort(): void {
    this.isGone = true;
    this.connection?.abort();
  }
}

export class ConnectionPool implements Transport {
  readonly #options: TransportOptions;
  readonly #all = new Set<Connection>();
  readonly #ready: Connection[] = [];
  /** Answered in this turn of the event loop, and in the turn before. */
  #cooling: Connection[] = [];
  #cooler: Connection[] = [];
  #turning = false;
  readonly #queue: Http1Sending[] = [];
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
    const sending = new Http1Sending(request, handler, this.#clock.nowMs);
    const connection = this.#takeReady() ?? this.#open();
    if (connection === undefined) this.#queue.push(sending);
    else start(sending, connection);
    return sending;
  }

  get size(): number {
    return this.#all.size;
  }

  keepOnly(isCurrent: (address: string) => boolean): void {
    this.#isCurrent = isCurrent;
    for (const connection of this.#all) this.#retireIfGone(connection);
  }

  /** Asked again once it is connected: names may have changed in between. */
  #retireIfGone(connection: Connection): void {
    if (connection.address !== undefined && !this.#isCurrent(connection.address)) connection.retire();
  }

  close(force: boolean): Promise<void> {
    for (const connection of [...this.#ready, ...this.#cooling, ...this.#cooler]) connection.close();
    if (force) for (const connection of this.#all) connection.close();
    return new Promise((resolve) => {
      this.#closing = () => {
        clearInterval(this.#timer);
        resolve();
      };
      if (this.#all.size === 0) this.#closing();
    });
  }

  #takeReady(): Connection | undefined {
    for (let connection = this.#ready.pop(); connection !== undefined; connection = this.#ready.pop()) {
      if (!connection.isClosed) return connection;
    }
    return undefined;
  }

  #open(): Connection | undefined {
    if (this.#all.size >= this.#options.maxConnections) return undefined;
    const connection = new Connection({
      dialer: this.#options.dialer,
      connectTimeoutMs: this.#options.connectTimeoutMs,
      clock: this.#clock,
      onConnected: (connected) => this.#retireIfGone(connected),
      onIdle: (idle) => this.#cool(idle),
      onClosed: (closed) => this.#closed(closed),
    });
    this.#all.add(connection);
    return connection;
  }

  #cool(connection: Connection): void {
    if (this.#closing !== undefined) {
      connection.close();
      return;
    }
    this.#cooling.push(connection);
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => this.#turn());
  }

  /** Once a turn of the event loop, after it looked at every socket. */
  #turn(): void {
    for (const connection of this.#cooler) if (!connection.isClosed) this.#ready.push(connection);
    this.#cooler = this.#cooling;
    this.#cooling = [];
    this.#turning = this.#cooler.length > 0;
    if (this.#turning) setImmediate(() => this.#turn());
    this.#serveQueue();
  }

  #serveQueue(): void {
    while (this.#queue.length > 0) {
      const connection = this.#takeReady() ?? this.#open();
      if (connection === undefined) return;
      const waiting = this.#queue.shift();
      if (waiting === undefined) return;
      if (waiting.isGone) this.#ready.push(connection);
      else start(waiting, connection);
    }
  }

  #closed(connection: Connection): void {
    this.#all.delete(connection);
    if (this.#closing !== undefined && this.#all.size === 0) this.#closing();
    this.#serveQueue();
  }

  #tick(): void {
    const { headerTimeoutMs, idleTimeoutMs, connectTimeoutMs } = this.#options;
    this.#clock.nowMs = this.#options.monotonicMs();
    for (const connection of this.#all) connection.checkTime(headerTimeoutMs, idleTimeoutMs);
    while (this.#queue[0] !== undefined && this.#clock.nowMs - this.#queue[0].sinceMs >= connectTimeoutMs) {
      const late = this.#queue.shift();
      if (late !== undefined && !late.isGone) late.handler.onFault('connect_timeout', false);
    }
  }
}

function start(sending: Http1Sending, connection: Connection): void {
  sending.connection = connection;
  connection.send(sending.request, sending.handler);
}
