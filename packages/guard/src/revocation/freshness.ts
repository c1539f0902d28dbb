/**
 * How long ago the issuer last confirmed that a view is current.
 *
 * Only a view that had caught up counts: bytes alone prove nothing. The age is bounded in both directions, so that a clock
 * that steps back cannot keep an old view fresh for longer than it would have been anyway.
 */
export class Freshness {
  #confirmedAtSeconds = Number.NaN;

  /** Seconds since the view was known to be current; Infinity before that ever was. */
  ageSeconds(nowSeconds: number): number {
    const age = nowSeconds - this.#confirmedAtSeconds;
    return Number.isNaN(age) ? Number.POSITIVE_INFINITY : Math.max(age, 0);
  }

  /** The condition that admits: NaN, on either side, is stale. */
  isFresh(nowSeconds: number, staleAfterSeconds: number): boolean {
    return Math.abs(nowSeconds - this.#confirmedAtSeconds) <= staleAfterSeconds;
  }

  /** The issuer has just said something that shows the view to be current. */
  confirm(nowSeconds: number): void {
    this.#confirmedAtSeconds = nowSeconds;
  }
}
