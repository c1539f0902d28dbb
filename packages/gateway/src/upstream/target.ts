/**
 * One instance of an upstream: its connections, how busy and how well it is.
 *
 * Two things can take it out: the active health check (`health-check.ts`) and its own failures in a row (the circuit breaker here).
 * After the cool-down one request may try it; its outcome closes or reopens the circuit.
 */
import { Pool } from 'undici';
import { ConnectionPool } from './http1/connection-pool.ts';

export interface TargetOptions {
  readonly url: string;
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
  readonly connections: ConnectionPool;
  /** For health checks and upgrades, which need a connection of their own. */
  readonly dispatcher: Pool;
  /** Requests under way. */
  pending = 0;
  /** Smoothed time to the response header. */
  latencyMs = 0;
  /** What the active health check says; true where there is none. */
  healthy = true;
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
    this.connections = new ConnectionPool({
      url: options.url,
      maxConnections: options.maxConnections,
      connectTimeoutMs: options.connectTimeoutMs,
      headerTimeoutMs: options.headersTimeoutMs,
      idleTimeoutMs: options.idleTimeoutMs,
      monotonicMs: options.monotonicMs,
    });
    this.dispatcher = new Pool(options.url, {
      connections: options.maxConnections,
      connect: { timeout: options.connectTimeoutMs },
      headersTimeout: options.headersTimeoutMs,
      bodyTimeout: options.idleTimeoutMs,
      allowH2: false,
    });
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
    await Promise.all([this.connections.close(force), force ? this.dispatcher.destroy() : this.dispatcher.close()]);
  }

  #end(): void {
    this.pending--;
    this.#trying = false;
  }
}
