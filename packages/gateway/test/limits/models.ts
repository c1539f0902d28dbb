/** Models of the limits, for tests: exact, and as slow as they are plain. */
import { SLICES } from '../../src/limits/sliding-windows.ts';

export const SLICE_SHARE = 1 / SLICES;

/** A token bucket in whole numbers: one request is `perMs` units, of which `limit` come back each millisecond. */
export class BucketModel {
  readonly #limit: bigint;
  readonly #perMs: bigint;
  readonly #capacity: bigint;
  #units: bigint;
  #atMs = 0;

  constructor(limit: number, perMs: number, burst: number) {
    this.#limit = BigInt(limit);
    this.#perMs = BigInt(perMs);
    this.#capacity = BigInt(burst) * this.#perMs;
    this.#units = this.#capacity;
  }

  /** @returns 0 when it was there, else the milliseconds until it is. */
  take(nowMs: number): number {
    this.#units += BigInt(nowMs - this.#atMs) * this.#limit;
    if (this.#units > this.#capacity) this.#units = this.#capacity;
    this.#atMs = nowMs;
    if (this.#units < this.#perMs) return Number(this.#perMs - this.#units) / Number(this.#limit);
    this.#units -= this.#perMs;
    return 0;
  }
}

/** Every request that was admitted. */
export class LogModel {
  readonly #admitted: number[] = [];

  admit(atMs: number): void {
    this.#admitted.push(atMs);
  }

  /** Requests after that moment. */
  countSince(ms: number): number {
    return this.#admitted.filter((atMs) => atMs > ms).length;
  }
}
