/**
 * The HTTP/1.1 connections of a port: accepted, watched over time, drained (ATTACKS.md G10, G11).
 */
import type { Socket } from 'node:net';
import type { GatewayConfig } from '../../config/schema.ts';
import type { ClientConnection } from '../client-connection.ts';
import { type ConnectionContext, Http1Connection } from './connection.ts';

export interface Http1ServerOptions extends Pick<
  ConnectionContext,
  'onRequest' | 'onUpgrade' | 'onRefused' | 'makeId'
> {
  readonly limits: GatewayConfig['limits'];
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
}

export interface Http1Server {
  accept(socket: Socket, client: ClientConnection): void;
  /** Ends idle connections; each of the others after its response. */
  drain(): void;
  destroy(): void;
}

const [SHORTEST_TICK_MS, LONGEST_TICK_MS] = [50, 500];

export function createHttp1Server(options: Http1ServerOptions): Http1Server {
  const { limits, monotonicMs, now } = options;
  const connections = new Set<Http1Connection>();
  const clock = { nowMs: monotonicMs(), date: httpDate(now()) };
  const context: ConnectionContext = {
    limits,
    clock,
    keepAliveLines: `connection: keep-alive\r\nkeep-alive: timeout=${Math.max(1, Math.floor(limits.keepAlive / 1000))}\r\n`,
    isDraining: false,
    onRequest: options.onRequest,
    onUpgrade: options.onUpgrade,
    onRefused: options.onRefused,
    makeId: options.makeId,
    onClosed: (connection) => connections.delete(connection),
  };
  const shortest = Math.min(limits.headersTimeout, limits.requestTimeout, limits.keepAlive);
  const tickMs = Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, shortest / 8));
  const timer = setInterval(() => {
    clock.nowMs = monotonicMs();
    clock.date = httpDate(now());
    for (const connection of connections) connection.checkTime();
  }, tickMs).unref();

  return {
    accept(socket, client) {
      connections.add(new Http1Connection(socket, client, context));
    },
    drain() {
      context.isDraining = true;
      for (const connection of connections) connection.drain();
    },
    destroy() {
      clearInterval(timer);
      for (const connection of connections) connection.destroy();
    },
  };
}

/** IMF-fixdate (RFC 9110 section 5.6.7). */
const httpDate = (seconds: number): string => new Date(seconds * 1000).toUTCString();
