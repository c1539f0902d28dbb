/**
 * One instance of an upstream: its connections, how busy and how well it is.
 *
 * Two things can take it out: the active health check (`health-check.ts`) and its own failures in a row (the circuit breaker here).
 * After the cool-down one request may try it; its outcome closes or reopens the circuit.
 */
import { Pool } from 'undici';

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
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/** How much one more observation moves the latency average. */
const LATENCY_WEIGHT = 0.2;

export class Target {
  readonly url: string;
  /** Value of `host` for requests to it. */
  readonly host: string;
  readonly weight: number;
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
    this.dispatcher = new Pool(options.url, {
      connections: options.maxConnections,
      pipelining: 1,
      connect: { timeout: options.connectTimeoutMs },
      headersTimeout: options.headersTimeoutMs,
      bodyTimeout: options.idleTimeoutMs,
      allowH2: false,
      keepAliveTimeout: 30_000,
      maxHeaderSize: 64 * 1024,
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

  #end(): void {
    this.pending--;
    this.#trying = false;
  }
}
