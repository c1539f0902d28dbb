/**
 * Token buckets, one for each key, in the memory of one process.
 *
 * A bucket holds at most `burst` requests and refills evenly, `limit` in `perMs`. Two generations bound the memory: a key that was not
 * used for as long as an empty bucket takes to fill is full again, so forgetting it changes nothing.
 */

interface Bucket {
  tokens: number;
  atMs: number;
}

export interface BucketOptions {
  /** Requests that refill in `perMs`. */
  readonly limit: number;
  readonly perMs: number;
  readonly burst: number;
  /** Keys remembered at once; beyond it the oldest generation goes early. Default 200,000. */
  readonly maxKeys?: number;
}

export class TokenBuckets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #ratePerMs: number;
  readonly #fillMs: number;
  readonly #maxKeys: number;
  #young = new Map<string, Bucket>();
  #old = new Map<string, Bucket>();
  #turnedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ limit, perMs, burst, maxKeys = 200_000 }: BucketOptions) {
    this.#perMs = perMs;
    this.#burst = burst;
    this.#ratePerMs = limit / perMs;
    this.#fillMs = burst / this.#ratePerMs;
    this.#maxKeys = maxKeys;
  }

  /**
   * Takes one request from the key's bucket.
   *
   * @param nowMs - A clock that never goes back.
   * @returns what is left, from 0 to `burst`; or, refused, the milliseconds until one is there again, as a negative number.
   */
  take(key: string, nowMs: number): number {
    if (nowMs - this.#turnedAtMs >= this.#fillMs || this.#young.size >= this.#maxKeys / 2) this.#turn(nowMs);
    let bucket = this.#young.get(key);
    if (bucket === undefined) {
      bucket = this.#old.get(key) ?? { tokens: this.#burst, atMs: nowMs };
      this.#young.set(key, bucket);
    }
    const refilled = Math.min(this.#burst, bucket.tokens + (nowMs - bucket.atMs) * this.#ratePerMs);
    bucket.atMs = nowMs;
    if (refilled < 1) {
      bucket.tokens = refilled;
      return -Math.max(1, (1 - refilled) / this.#ratePerMs);
    }
    bucket.tokens = refilled - 1;
    return bucket.tokens;
  }

  /** Milliseconds until a bucket with so much left is full. */
  fullInMs(left: number): number {
    return (this.#burst - left) / this.#ratePerMs;
  }

  get perMs(): number {
    return this.#perMs;
  }

  /** Keys remembered now. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #turn(nowMs: number): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#turnedAtMs = nowMs;
  }
}
