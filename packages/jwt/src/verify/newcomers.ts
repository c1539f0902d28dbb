/**
 * Which tokens were met once lately, so that those can be told that come again: a bit for each.
 *
 * May take a newcomer for somebody met before, when another one had the same bit; never forgets any of the last `capacity` newcomers.
 */

/** With so many bits for each, one newcomer in twenty at most is taken for another. */
const BITS_FOR_EACH = 32;

export class Newcomers {
  #young: Uint8Array;
  #old: Uint8Array;
  #youngCount = 0;
  readonly #capacity: number;
  readonly #mask: number;

  constructor(capacity: number) {
    const bits = 2 ** Math.ceil(Math.log2(capacity * BITS_FOR_EACH));
    this.#capacity = capacity;
    this.#mask = bits - 1;
    this.#young = new Uint8Array(bits >> 3);
    this.#old = new Uint8Array(bits >> 3);
  }

  /** True for a fingerprint that was met before; from now on, it was. */
  meet(fingerprint: number): boolean {
    const place = (fingerprint & this.#mask) >>> 3;
    const bit = 1 << (fingerprint & 7);
    if (((this.#young[place]! | this.#old[place]!) & bit) !== 0) return true;
    if (this.#youngCount >= this.#capacity) this.#turn();
    this.#youngCount += 1;
    this.#young[place]! |= bit;
    return false;
  }

  clear(): void {
    this.#turn();
    this.#turn();
  }

  #turn(): void {
    [this.#young, this.#old] = [this.#old, this.#young];
    this.#young.fill(0);
    this.#youngCount = 0;
  }
}
