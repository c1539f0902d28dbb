/**
 * The limits of a route, compiled: who is counted, and where.
 *
 * Limits by address or route are asked before the token is looked at, so that guessing tokens costs an allowance; limits by subject,
 * client or claim after. Within each of the two stages a request is taken from all limits or from none.
 */
import { parseJsonPointer, type JsonPointer } from '@sealgate/guard';
import { createHash } from 'node:crypto';
import type { QuotaConfig, RateLimitConfig } from '../config/limit-schema.ts';
import type { Fleet } from '../workers/fleet.ts';
import { Calendar, Quotas } from './quotas.ts';
import type { RateLimit } from './rate-limit.ts';
import { divide } from './reserve.ts';
import { SharedLimits } from './shared-limits.ts';
import { SLICES, SlidingWindows } from './sliding-windows.ts';
import type { LimitStore } from './store/redis-store.ts';
import { TokenBuckets } from './token-buckets.ts';

/** One route's limits, in the two places where they are asked. */
export interface RouteLimits {
  readonly beforeToken: readonly RateLimit[];
  readonly afterToken: readonly RateLimit[];
  /** `RateLimit-Policy`, all limits; empty when there is none. */
  readonly policy: string;
  /** When the limits are counted in a store: both stages at once, after the decision. */
  readonly shared: SharedLimits | undefined;
}

export interface LimitSettings {
  readonly rateLimits: readonly RateLimitConfig[];
  readonly quotas: readonly QuotaConfig[];
}

export interface LimitOptions {
  /** Name of the route: limits of different routes count apart. */
  readonly route: string;
  readonly store: LimitStore | undefined;
  /** The other workers, where there are any: without a store they count together. */
  readonly fleet?: Fleet | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: () => number;
}

export function compileLimits({ rateLimits, quotas }: LimitSettings, options: LimitOptions): RouteLimits {
  const names = new Set<string>();
  const named = (name: string): string => {
    let unique = name;
    for (let number = 2; names.has(unique); number++) unique = `${name}-${number}`;
    names.add(unique);
    return unique;
  };
  const limits = [
    ...rateLimits.map((config) => compileRateLimit(config, named(config.by), options)),
    ...quotas.map((config) => compileQuota(config, named(`${config.by}-${config.per}`), options)),
  ];
  const beforeToken = limits.filter(({ by }) => by === 'ip' || by === 'route');
  const afterToken = limits.filter(({ by }) => by !== 'ip' && by !== 'route');
  const store = options.store ?? options.fleet?.limits;
  return {
    beforeToken,
    afterToken,
    policy: limits.map(({ policy }) => policy).join(', '),
    shared: store === undefined || limits.length === 0 ? undefined : new SharedLimits(beforeToken, afterToken, store),
  };
}

function compileRateLimit(config: RateLimitConfig, name: string, { route, store, fleet }: LimitOptions): RateLimit {
  const { by, limit, per, burst = limit, algorithm } = config;
  const sliding = algorithm === 'sliding-window';
  const division = store === undefined && fleet !== undefined ? divide(config, fleet.size) : undefined;
  const counted = division?.rest ?? { limit, burst };
  const stored = {
    id: idOf(route, name, config),
    shape: sliding
      ? (['window', String(counted.limit), String(per), String(SLICES)] as const)
      : (['bucket', String(counted.limit), String(per), String(counted.burst)] as const),
  };
  return {
    by,
    name,
    claim: pointerOf(config.claim),
    ipv6Prefix: config.ipv6Prefix,
    counter: sliding ? new SlidingWindows({ limit, perMs: per }) : new TokenBuckets({ limit, perMs: per, burst }),
    reserve: division === undefined ? undefined : fleet?.reserves.ofRequests(stored.id, () => division.reserve),
    policy: `"${name}";q=${limit};w=${Math.max(1, Math.ceil(per / 1000))}`,
    stored: () => stored,
  };
}

function compileQuota(config: QuotaConfig, name: string, { route, wallMs }: LimitOptions): RateLimit {
  const { by, limit, per } = config;
  const calendar = new Calendar(per, wallMs);
  // The number stays out of it: a quota that is raised in the middle of a month keeps what was used.
  const id = idOf(route, name, { by, claim: config.claim, per });
  return {
    by,
    name,
    claim: pointerOf(config.claim),
    ipv6Prefix: 128,
    counter: new Quotas(limit, calendar),
    reserve: undefined,
    policy: `"${name}";q=${limit}`,
    stored: () => ({
      id: `${id}:${calendar.current.label}`,
      shape: ['quota', String(limit), String(calendar.current.endMs), '0'],
    }),
  };
}

const pointerOf = (claim: string | undefined): JsonPointer | undefined =>
  claim === undefined ? undefined : parseJsonPointer(claim, 'claim');

/** The same for every process with the same settings, and another when they change. */
function idOf(route: string, name: string, settings: unknown): string {
  const text = JSON.stringify([route, name, settings]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
