/** A service behind the gateway: its instances, which of them gets a request, and how often a failed one may be tried again. */
import type { Logger } from '@sealgate/service';
import type { UpstreamConfig } from '../config/upstream-schema.ts';
import { createPlaces, type Places } from '../limits/places.ts';
import { UpstreamTls } from '../tls/upstream-tls.ts';
import type { Fleet } from '../workers/fleet.ts';
import type { ResolveHost } from './address-book.ts';
import { leastPending, powerOfTwo, rendezvousHash, roundRobin, type Balancer } from './balance.ts';
import { startHealthChecks, type HealthChecks } from './health-check.ts';
import { Target } from './target.ts';

/** What keeps a request on one instance. */
export type HashOn = 'ip' | 'sub' | { readonly header: string };

export interface UpstreamOptions {
  readonly random: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  readonly logger: Logger;
  readonly resolve: ResolveHost;
  readonly fleet?: Fleet | undefined;
}

/** Retries are at most this share of requests, so that a failing service is not hit several times as hard. */
const RETRY_SHARE = 0.2;
const MOST_RETRIES_SAVED = 20;

export class Upstream {
  readonly name: string;
  readonly targets: readonly Target[];
  readonly retries: number;
  readonly idleTimeoutMs: number;
  readonly hashOn: HashOn | undefined;
  /** Requests under way, where there is a limit to them. */
  readonly inFlight: Places | undefined;
  readonly #pick: Balancer;
  readonly #monotonicMs: () => number;
  readonly #health: HealthChecks | undefined;
  readonly #tls: UpstreamTls | undefined;
  #retryBudget = MOST_RETRIES_SAVED;

  constructor(name: string, config: UpstreamConfig, options: UpstreamOptions) {
    this.name = name;
    this.retries = config.retries;
    this.idleTimeoutMs = config.idleTimeout;
    this.hashOn = compileHashOn(config.hashOn);
    this.inFlight =
      config.maxRequests === undefined
        ? undefined
        : createPlaces(`upstream ${name}`, config.maxRequests, options.fleet);
    this.#pick = BALANCERS[config.balance](options.random);
    this.#monotonicMs = options.monotonicMs;
    const { logger } = options;
    if (config.tls !== undefined) this.#tls = new UpstreamTls(config.tls, logger);
    this.targets = config.urls.map((url) => {
      const target = typeof url === 'string' ? { url, weight: 1 } : url;
      return new Target({
        ...target,
        protocol: config.protocol,
        tls: this.#tls,
        resolve: options.resolve,
        resolveEveryMs: config.resolveEvery,
        onAddresses: (of, addresses) => logger.info({ target: of, addresses }, 'upstream addresses'),
        connectTimeoutMs: config.connectTimeout,
        headersTimeoutMs: config.timeout,
        idleTimeoutMs: config.idleTimeout,
        maxConnections: config.maxConnections,
        breakerFailures: config.breaker.failures,
        breakerCooldownMs: config.breaker.cooldown,
        monotonicMs: options.monotonicMs,
      });
    });
    if (config.health !== undefined) {
      this.#health = startHealthChecks(this.targets, config.health, ({ url, healthy }) =>
        logger.warn({ target: url, healthy }, 'upstream health changed'),
      );
    }
  }

  /**
   * The instance for a request; undefined when none is available.
   *
   * @param tried - Instances that just failed: passed over while another is available.
   */
  pick(key: string, tried?: readonly Target[]): Target | undefined {
    const now = this.#monotonicMs();
    this.#retryBudget = Math.min(MOST_RETRIES_SAVED, this.#retryBudget + RETRY_SHARE);
    if (this.targets.length === 1) {
      const only = this.targets[0]!;
      return only.isAvailable(now) ? only : undefined;
    }
    const available = this.targets.filter((target) => target.isAvailable(now));
    const fresh = tried === undefined ? available : available.filter((target) => !tried.includes(target));
    return this.#pick(fresh.length > 0 ? fresh : available, key);
  }

  /** Whether one more attempt fits the budget; takes it if so. */
  mayRetry(): boolean {
    if (this.#retryBudget < 1) return false;
    this.#retryBudget--;
    return true;
  }

  /** @param force - Also ends requests under way. */
  async close(force: boolean): Promise<void> {
    this.#health?.stop();
    this.#tls?.close();
    await Promise.all(this.targets.map((target) => target.close(force)));
  }
}

const BALANCERS: Readonly<Record<UpstreamConfig['balance'], (random: () => number) => Balancer>> = {
  'round-robin': roundRobin,
  'least-pending': leastPending,
  p2c: powerOfTwo,
  hash: rendezvousHash,
};

function compileHashOn(hashOn: string | undefined): HashOn | undefined {
  if (hashOn === undefined) return undefined;
  if (hashOn === 'ip' || hashOn === 'sub') return hashOn;
  return { header: hashOn.slice('header:'.length).toLowerCase() };
}
