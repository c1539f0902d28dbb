/**
 * Remembers ids until they expire, so that each is taken once (RFC 9449 section 11.1).
 *
 * Bounded without forgetting: an id that is still alive is never dropped to make room. One owner may hold a quarter, so that no
 * single key fills it for everybody.
 */

export type Taking =
  /** Taken for the first time. */
  | 'held'
  /** Taken before. */
  | 'replayed'
  /** There is no room to remember it, so it was not taken. */
  | 'full';

/** What proofs are remembered by. Answers at once, or later where several processes remember together. */
export interface ProofMemory {
  /**
   * @param owner - Thumbprint of the key that signed.
   * @param untilSeconds - The id is remembered at least until then.
   */
  take(owner: string, id: string, untilSeconds: number, nowSeconds: number): Taking | Promise<Taking>;
  /** How often an id that is remembered was presented. */
  timesTaken(owner: string, id: string): number | Promise<number>;
}

/** Ids expire in steps of this, so that expiry costs nothing per request. */
const STEP_SECONDS = 8;

export class ReplayMemory implements ProofMemory {
  readonly #maxEntries: number;
  readonly #maxPerOwner: number;
  /** How often each id was presented, by owner. */
  readonly #owners = new Map<string, Map<string, number>>();
  /** By the step in which they expire. */
  readonly #expiring = new Map<number, { readonly owner: string; readonly id: string }[]>();
  #size = 0;
  #sweptStep = Number.NEGATIVE_INFINITY;

  constructor({ maxEntries }: { readonly maxEntries: number }) {
    this.#maxEntries = maxEntries;
    this.#maxPerOwner = Math.max(1, Math.floor(maxEntries / 4));
  }

  get size(): number {
    return this.#size;
  }

  take(owner: string, id: string, untilSeconds: number, nowSeconds: number): Taking {
    this.#sweep(nowSeconds);
    const known = this.#owners.get(owner);
    const times = known?.get(id);
    if (known !== undefined && times !== undefined) {
      known.set(id, times + 1);
      return 'replayed';
    }
    if (this.#size >= this.#maxEntries || (known?.size ?? 0) >= this.#maxPerOwner) return 'full';
    if (known === undefined) this.#owners.set(owner, new Map([[id, 1]]));
    else known.set(id, 1);
    this.#size += 1;
    const step = Math.floor(untilSeconds / STEP_SECONDS);
    const expiring = this.#expiring.get(step);
    if (expiring === undefined) this.#expiring.set(step, [{ owner, id }]);
    else expiring.push({ owner, id });
    return 'held';
  }

  timesTaken(owner: string, id: string): number {
    return this.#owners.get(owner)?.get(id) ?? 0;
  }

  #sweep(nowSeconds: number): void {
    const current = Math.floor(nowSeconds / STEP_SECONDS);
    if (current === this.#sweptStep) return;
    this.#sweptStep = current;
    for (const [step, entries] of this.#expiring) {
      if (step >= current) continue;
      this.#expiring.delete(step);
      for (const { owner, id } of entries) this.#forget(owner, id);
    }
  }

  #forget(owner: string, id: string): void {
    const ids = this.#owners.get(owner);
    if (ids?.delete(id) !== true) return;
    this.#size -= 1;
    if (ids.size === 0) this.#owners.delete(owner);
  }
}
