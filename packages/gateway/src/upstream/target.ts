/**
 * One instance of an upstream: its connections, how busy and how well it is.
 *
 * Two things can take it out: the active health check (`health-check.ts`) and its own failures in a row (the circuit breaker here).
 * After the cool-down one request may try it; its outcome closes or reopens the circuit.
 */
import { isIP } from 'node:net';
import { Pool } from 'undici';
import { plainAddress } from '../request/address-set.ts';
import type { UpstreamTls } from '../tls/upstream-tls.ts';
import { AddressBook, type ResolveHost } from './address-book.ts';
import { Dialer } from './dialer.ts';
import { ConnectionPool } from './http1/connection-pool.ts';
import { SessionPool } from './http2/session-pool.ts';
import type { Transport } from './transport.ts';

export interface TargetOptions {
  readonly url: string;
  readonly protocol: 'http1' | 'h2';
  readonly tls: UpstreamTls | undefined;
  /** How, and how often, the addresses of its host name are asked for. */
  readonly resolve: ResolveHost;
  readonly resolveEveryMs: number;
  /** Told when the host name has other addresses than before. */
  readonly onAddresses: (url: string, addresses: readonly string[]) => void;
  readonly weight: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  /** Failures in a row that open the circuit. */
  readonly breakerFailures: number;
  readonly breakerCooldownMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/** How much one more observation moves the latency average. */
const LATENCY_WEIGHT = 0.2;

export class Target {
  readonly url: string;
  /** Value of `host` for requests to it. */
  readonly host: string;
  readonly weight: number;
  readonly connections: Transport;
  /** For health checks and upgrades, which need a connection of their own. */
  readonly dispatcher: Pool;
  /** Requests under way. */
  pending = 0;
  /** Smoothed time to the response header. */
  latencyMs = 0;
  /** What the active health check says; true where there is none. */
  healthy = true;
  readonly #addresses: AddressBook | undefined;
  readonly #breakerFailures: number;
  readonly #breakerCooldownMs: number;
  #failuresInARow = 0;
  #openUntilMs = 0;
  #trying = false;

  constructor(options: TargetOptions) {
    this.url = options.url;
    this.host = new URL(options.url).host;
    this.weight = options.weight;
    this.#breakerFailures = options.breakerFailures;
    this.#breakerCooldownMs = options.breakerCooldownMs;
    this.#addresses = openAddressBook(options, (addresses) => {
      options.onAddresses(options.url, addresses);
      this.connections.keepOnly((address) => addresses.includes(plainAddress(address)));
    });
    const dialer = new Dialer({ url: options.url, tls: options.tls, addresses: this.#addresses });
    const Connections = options.protocol === 'h2' ? SessionPool : ConnectionPool;
    this.connections = new Connections({
      dialer,
      maxConnections: options.maxConnections,
      connectTimeoutMs: options.connectTimeoutMs,
      headerTimeoutMs: options.headersTimeoutMs,
      idleTimeoutMs: options.idleTimeoutMs,
      monotonicMs: options.monotonicMs,
    });
    this.dispatcher = createDispatcher(options, dialer);
  }

  /** @param nowMs - A clock that never goes back. */
  isAvailable(nowMs: number): boolean {
    if (!this.healthy || this.weight === 0) return false;
    if (this.#openUntilMs === 0) return true;
    return nowMs >= this.#openUntilMs && !this.#trying;
  }

  circuit(nowMs: number): CircuitState {
    if (this.#openUntilMs === 0) return 'closed';
    return nowMs >= this.#openUntilMs ? 'half-open' : 'open';
  }

  /** A request goes to this instance. Every call is followed by one of the three below. */
  begin(): void {
    this.pending++;
    if (this.#openUntilMs !== 0) this.#trying = true;
  }

  succeeded(latencyMs: number): void {
    this.#end();
    this.latencyMs = this.latencyMs === 0 ? latencyMs : this.latencyMs + LATENCY_WEIGHT * (latencyMs - this.latencyMs);
    this.#failuresInARow = 0;
    this.#openUntilMs = 0;
  }

  failed(nowMs: number): void {
    this.#end();
    this.#failuresInARow++;
    if (this.#failuresInARow >= this.#breakerFailures) this.#openUntilMs = nowMs + this.#breakerCooldownMs;
  }

  /** Ended without saying anything about the instance: the client went away. */
  abandoned(): void {
    this.#end();
  }

  /** @param force - Also ends requests under way. */
  async close(force: boolean): Promise<void> {
    this.#addresses?.close();
    await Promise.all([this.connections.close(force), force ? this.dispatcher.destroy() : this.dispatcher.close()]);
  }

  #end(): void {
    this.pending--;
    this.#trying = false;
  }
}

function openAddressBook(
  { url, resolve, resolveEveryMs }: TargetOptions,
  onChange: (addresses: readonly string[]) => void,
): AddressBook | undefined {
  const host = new URL(url).hostname;
  if (host.startsWith('[') || isIP(host) !== 0) return undefined;
  return new AddressBook({ host, everyMs: resolveEveryMs, resolve, onChange });
}

function createDispatcher(options: TargetOptions, dialer: Dialer): Pool {
  const isH2 = options.protocol === 'h2';
  return new Pool(options.url, {
    connections: options.maxConnections,
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.idleTimeoutMs,
    allowH2: isH2,
    ...(isH2 && !dialer.isSecure ? { useH2c: true } : {}),
    connect: (_options, callback) => {
      const socket = dialer.open(isH2 ? 'h2' : 'http/1.1');
      const timer = setTimeout(() => socket.destroy(new Error('connect timeout')), options.connectTimeoutMs);
      socket
        .once(dialer.isSecure ? 'secureConnect' : 'connect', () => {
          clearTimeout(timer);
          callback(null, socket);
        })
        .once('error', (error) => {
          clearTimeout(timer);
          callback(error, null);
        });
    },
  });
}
