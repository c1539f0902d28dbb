/**
 * The rate limits of a route: who is counted, and what the client is told (draft-ietf-httpapi-ratelimit-headers-10; RFC 6585 section 4).
 *
 * Limits by address or route are asked before the token is looked at, so that guessing tokens costs an allowance; limits by subject,
 * client or claim after.
 */
import { parseJsonPointer, readPointer, type JsonPointer, type Principal } from '@sealgate/guard';
import type { RateLimitConfig } from '../config/route-schema.ts';
import { addressGroup } from '../request/client-address.ts';
import { TokenBuckets } from './token-buckets.ts';

export interface RateLimit {
  readonly by: RateLimitConfig['by'];
  readonly claim: JsonPointer | undefined;
  readonly buckets: TokenBuckets;
  /** `RateLimit-Policy` of this limit: quota and window in seconds. */
  readonly policy: string;
}

/** One route's limits, in the two places where they are asked. */
export interface RouteLimits {
  readonly beforeToken: readonly RateLimit[];
  readonly afterToken: readonly RateLimit[];
  /** `RateLimit-Policy`, all limits; empty when there is none. */
  readonly policy: string;
}

/** What a limit says of one request. */
export interface LimitState {
  readonly limit: RateLimit;
  /** As {@link TokenBuckets.take} answers. */
  readonly left: number;
}

export function compileRateLimits(configs: readonly RateLimitConfig[]): RouteLimits {
  const limits = configs.map((config): RateLimit => {
    const { by, limit, per, burst = limit } = config;
    const windowSeconds = Math.max(1, Math.ceil(per / 1000));
    return {
      by,
      claim: config.claim === undefined ? undefined : parseJsonPointer(config.claim, 'rateLimit.claim'),
      buckets: new TokenBuckets({ limit, perMs: per, burst }),
      policy: `"${by}";q=${limit};w=${windowSeconds}`,
    };
  });
  return {
    beforeToken: limits.filter(({ by }) => by === 'ip' || by === 'route'),
    afterToken: limits.filter(({ by }) => by !== 'ip' && by !== 'route'),
    policy: limits.map(({ policy }) => policy).join(', '),
  };
}

/**
 * Takes one request from each limit, up to the first that refuses.
 *
 * @returns the limit that refuses, or else the one that is nearest to it; undefined when there is none.
 */
export function takeFrom(
  limits: readonly RateLimit[],
  ip: string,
  principal: Principal | undefined,
  nowMs: number,
): LimitState | undefined {
  let tightest: LimitState | undefined;
  for (const limit of limits) {
    const left = limit.buckets.take(keyOf(limit, ip, principal), nowMs);
    if (left < 0) return { limit, left };
    if (tightest === undefined || left < tightest.left) tightest = { limit, left };
  }
  return tightest;
}

/** `RateLimit`: what is left, and in how many seconds all of it is back. */
export function rateLimitField({ limit, left }: LimitState): string {
  const remaining = Math.max(0, Math.floor(left));
  return `"${limit.by}";r=${remaining};t=${wholeSeconds(limit.buckets.fullInMs(Math.max(0, left)))}`;
}

/** `Retry-After`, whole seconds, at least one. */
export const retryAfterSeconds = (left: number): number => Math.max(1, wholeSeconds(-left));

/** Rounded up, but not for the dust of floating-point arithmetic. */
const wholeSeconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000 - 1e-6);

/**
 * Keys carry their issuer: a subject of one issuer is nobody at another. Whoever lacks the claim shares one allowance with all
 * others who do.
 */
function keyOf({ by, claim }: RateLimit, ip: string, principal: Principal | undefined): string {
  if (by === 'ip') return addressGroup(ip);
  if (by === 'route') return '';
  return `${principal?.issuerName ?? ''} ${holderOf(by, claim, principal) ?? ''}`;
}

function holderOf(
  by: 'sub' | 'client' | 'claim',
  claim: JsonPointer | undefined,
  principal: Principal | undefined,
): string | undefined {
  if (by === 'sub') return principal?.subject;
  if (by === 'client') return principal?.clientId;
  if (principal === undefined || claim === undefined) return undefined;
  return JSON.stringify(readPointer(principal.claims, claim));
}
