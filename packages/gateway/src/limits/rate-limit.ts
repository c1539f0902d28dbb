/** One limit of a route, and taking a request from several: from all of them or from none. */
import type { JsonPointer, Principal } from '@sealgate/guard';
import type { Counter } from './counter.ts';
import { holderOf } from './holder.ts';
import type { Reserve } from './reserve.ts';
import type { StoredTake } from './store/redis-store.ts';

export interface RateLimit {
  readonly by: 'ip' | 'route' | 'sub' | 'client' | 'claim';
  readonly claim: JsonPointer | undefined;
  /** Bits of an IPv6 address that make one caller. */
  readonly ipv6Prefix: number;
  /** Unique among the limits of the route; what the client reads. */
  readonly name: string;
  /** Counts in this process: always without a store, and while the store cannot be asked. */
  readonly counter: Counter;
  /** This worker's part, where the allowance is divided among workers. */
  readonly reserve: Reserve | undefined;
  /** Its item of `RateLimit-Policy`: quota, and the window in seconds where it slides. */
  readonly policy: string;
  /** What a store counts it by: where, but for the holder, and how. */
  readonly stored: () => { readonly id: string; readonly shape: StoredTake['shape'] };
}

/** What a limit says of one request. */
export interface LimitState {
  readonly limit: RateLimit;
  /** As {@link Counter.take} answers. */
  readonly left: number;
}

/**
 * Takes one request from each limit, or from none when one refuses.
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
    const left = limit.counter.take(holderOf(limit, ip, principal), nowMs);
    if (left < 0) {
      for (const earlier of limits.slice(0, limits.indexOf(limit))) {
        earlier.counter.giveBack(holderOf(earlier, ip, principal));
      }
      return { limit, left };
    }
    if (tightest === undefined || left < tightest.left) tightest = { limit, left };
  }
  return tightest;
}

/** The nearer to refusal of two. */
export function tighterOf(one: LimitState | undefined, other: LimitState | undefined): LimitState | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.left < one.left ? other : one;
}
