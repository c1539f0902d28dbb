/**
 * How an allowance is divided where several workers share a port: a small part is reserved to each, to be taken without asking anybody, and
 * the rest is counted in one place. What is admitted never exceeds the whole, since the parts add up to it: token buckets and windows
 * are additive, in their rate and in what they hold.
 *
 * Whoever speaks to one worker alone uses what is reserved to the others as well: it is asked of them once the rest is used up (`reserves.ts`).
 * Small allowances, and quotas, are not divided.
 */
import type { RateLimitConfig } from '../config/limit-schema.ts';
import type { Counter } from './counter.ts';
import { SlidingWindows } from './sliding-windows.ts';
import { TokenBuckets } from './token-buckets.ts';

/** All reserves together are this part of an allowance, or less. */
const RESERVED_PART = 8;

/** One worker's part of an allowance. */
export interface Reserve {
  readonly counter: Counter;
  /** Requests that it holds. */
  readonly size: number;
  /** Requests that the whole allowance holds. */
  readonly total: number;
  /** How many workers have one. */
  readonly workers: number;
}

export interface Division {
  readonly reserve: Reserve;
  /** The allowance without the reserves of all workers. */
  readonly rest: { readonly limit: number; readonly burst: number };
}

/** Whole requests of a number that one of so many workers may keep. */
export const reservedOf = (limit: number, workers: number): number => Math.floor(limit / (RESERVED_PART * workers));

/** Undefined for an allowance that is too small to divide. */
export function divide(config: RateLimitConfig, workers: number): Division | undefined {
  const { limit, per, burst = limit, algorithm } = config;
  if (algorithm === 'sliding-window') {
    const size = reservedOf(limit, workers);
    if (size === 0) return undefined;
    const counter = new SlidingWindows({ limit: size, perMs: per });
    return { reserve: { counter, size, total: limit, workers }, rest: { limit: limit - workers * size, burst } };
  }
  const size = reservedOf(burst, workers);
  if (size === 0) return undefined;
  const rate = (limit * size) / burst;
  const counter = new TokenBuckets({ limit: rate, perMs: per, burst: size });
  return {
    reserve: { counter, size, total: burst, workers },
    rest: { limit: limit - workers * rate, burst: burst - workers * size },
  };
}
