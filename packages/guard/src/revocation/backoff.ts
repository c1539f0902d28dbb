/**
 * How long to wait before trying again: exponential, with full jitter, so that many verifiers do not come back at once when
 * their issuer does.
 */
export interface Backoff {
  /** Milliseconds to wait now; the bound doubles with every call. */
  nextMs(): number;
  /** It worked: the next wait is a short one again. */
  reset(): void;
}

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export function createBackoff({ firstMs, maxMs, random }: BackoffOptions): Backoff {
  let bound = firstMs;
  return {
    nextMs() {
      const wait = Math.round(bound / 2 + (random() * bound) / 2);
      bound = Math.min(bound * 2, maxMs);
      return wait;
    },
    reset() {
      bound = firstMs;
    },
  };
}
