/**
 * Sliding windows, one for each key: never more than `limit` requests in any stretch of `perMs`.
 *
 * Time is cut into slices of a sixteenth of the window, and a request counts until the whole slice it fell into has left the window: so
 * the limit holds exactly, and an allowance comes back at most one slice late. The usual estimate from two fixed windows
 * is smaller, but lets nearly twice the limit through to somebody who knows it.
 */
import type { Counter } from './counter.ts';
import { Generations } from './generations.ts';

export const SLICES = 16;
const RING = SLICES + 1;

interface Window {
  /** The newest slice that is counted. */
  slice: number;
  /** Requests by slice modulo the ring's length. */
  readonly counts: Float64Array;
  total: number;
}

export interface WindowOptions {
  readonly limit: number;
  readonly perMs: number;
  /** As {@link Generations}. */
  readonly maxKeys?: number;
}

export class SlidingWindows implements Counter {
  readonly #limit: number;
  readonly #perMs: number;
  readonly #sliceMs: number;
  readonly #windows: Generations<Window>;

  constructor({ limit, perMs, maxKeys }: WindowOptions) {
    this.#limit = limit;
    this.#perMs = perMs;
    this.#sliceMs = perMs / SLICES;
    this.#windows = new Generations(perMs + this.#sliceMs, maxKeys);
  }

  take(key: string, nowMs: number): number {
    const slice = Math.floor(nowMs / this.#sliceMs);
    let window = this.#windows.find(key, nowMs);
    if (window === undefined) {
      this.#windows.add(key, (window = { slice, counts: new Float64Array(RING), total: 0 }));
    }
    if (window.slice !== slice) advance(window, slice);
    if (window.total >= this.#limit) return -Math.max(1, this.#waitMs(window, nowMs));
    const at = slice % RING;
    window.counts[at] = window.counts[at]! + 1;
    window.total++;
    return this.#limit - window.total;
  }

  giveBack(key: string): void {
    const window = this.#windows.peek(key);
    if (window === undefined) return;
    const at = window.slice % RING;
    const count = window.counts[at] ?? 0;
    if (count === 0) return;
    window.counts[at] = count - 1;
    window.total--;
  }

  fullInMs(left: number): number {
    return left >= this.#limit ? 0 : this.#perMs;
  }

  get size(): number {
    return this.#windows.size;
  }

  /** Until so many of the oldest slices have left that one more fits. */
  #waitMs({ slice, counts, total }: Window, nowMs: number): number {
    let left = total;
    for (let oldest = slice - SLICES; oldest <= slice; oldest++) {
      if (oldest < 0) continue;
      left -= counts[oldest % RING]!;
      if (left < this.#limit) return (oldest + RING) * this.#sliceMs - nowMs;
    }
    return this.#perMs;
  }
}

/** Empties the slices that have left the window. */
function advance(window: Window, slice: number): void {
  const first = Math.max(window.slice + 1, slice - SLICES);
  for (let passed = first; passed <= slice; passed++) {
    const at = passed % RING;
    window.total -= window.counts[at]!;
    window.counts[at] = 0;
  }
  window.slice = slice;
}
