/** What a client is told of its limits: `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), `Retry-After` (RFC 6585 section 4). */
import type { LimitState } from './rate-limit.ts';

/** `RateLimit`: what is left, and in how many seconds all of it is back. */
export function rateLimitField({ limit, left }: LimitState): string {
  const remaining = Math.max(0, Math.floor(left));
  return `"${limit.name}";r=${remaining};t=${wholeSeconds(limit.counter.fullInMs(Math.max(0, left)))}`;
}

/** `Retry-After`, whole seconds, at least one. */
export const retryAfterSeconds = (left: number): number => Math.max(1, wholeSeconds(-left));

/** Rounded up, but not for the dust of floating-point arithmetic. */
const wholeSeconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000 - 1e-6);
