/**
 * Nonces for DPoP proofs (RFC 9449 section 8): a proof that holds one was made lately, so none can be made in store. Derived from time and a
 * key that every process has, so nothing is remembered; one counts until the next but one has begun.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const STEP_SECONDS = 120;

export class DpopNonces {
  readonly #key: Uint8Array;
  readonly #now: () => number;

  /** @param now - Clock, seconds since the Unix epoch. */
  constructor(key: Uint8Array, now: () => number) {
    this.#key = key;
    this.#now = now;
  }

  /** The one to use now. */
  current(): string {
    return this.#of(this.#step());
  }

  /** Whether it is of this step or of its neighbours: clocks of processes differ. */
  accepts(nonce: string): boolean {
    const presented = Buffer.from(nonce);
    return [-1, 0, 1].some((difference) => {
      const expected = Buffer.from(this.#of(this.#step() + difference));
      return presented.length === expected.length && timingSafeEqual(presented, expected);
    });
  }

  #step(): number {
    return Math.floor(this.#now() / STEP_SECONDS);
  }

  #of(step: number): string {
    return createHmac('sha256', this.#key).update(`${step}`).digest('base64url').slice(0, 22);
  }
}
