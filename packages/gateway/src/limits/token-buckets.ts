/**
 * Token buckets, one for each key: at most `burst` requests, refilled evenly, `limit` in `perMs`.
 *
 * A level is kept in units of a request times `perMs`, so that whole milliseconds give whole numbers and nothing is lost to rounding.
 */
import type { Counter } from './counter.ts';
import { Generations } from './generations.ts';

interface Bucket {
  level: number;
  atMs: number;
}

export interface BucketOptions {
  /** Requests that refill in `perMs`. */
  readonly limit: number;
  readonly perMs: number;
  readonly burst: number;
  /** As {@link Generations}. */
  readonly maxKeys?: number;
}

export class TokenBuckets implements Counter {
  readonly #limit: number;
  readonly #perMs: number;
  readonly #capacity: number;
  readonly #buckets: Generations<Bucket>;

  constructor({ limit, perMs, burst, maxKeys }: BucketOptions) {
    this.#limit = limit;
    this.#perMs = perMs;
    this.#capacity = burst * perMs;
    // A bucket that was not used for as long as an empty one takes to fill is full: forgetting it changes nothing.
    this.#buckets = new Generations(this.#capacity / limit, maxKeys);
  }

  take(key: string, nowMs: number): number {
    let bucket = this.#buckets.find(key, nowMs);
    if (bucket === undefined) this.#buckets.add(key, (bucket = { level: this.#capacity, atMs: nowMs }));
    const level = Math.min(this.#capacity, bucket.level + (nowMs - bucket.atMs) * this.#limit);
    bucket.atMs = nowMs;
    if (level < this.#perMs) {
      bucket.level = level;
      return -Math.max(1, (this.#perMs - level) / this.#limit);
    }
    bucket.level = level - this.#perMs;
    return bucket.level / this.#perMs;
  }

  giveBack(key: string): void {
    const bucket = this.#buckets.peek(key);
    if (bucket !== undefined) bucket.level = Math.min(this.#capacity, bucket.level + this.#perMs);
  }

  fullInMs(left: number): number {
    return (this.#capacity - left * this.#perMs) / this.#limit;
  }

  get size(): number {
    return this.#buckets.size;
  }
}
