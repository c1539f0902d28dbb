/**
 * The verified-token cache: verdicts by the full token, bounded in bytes.
 *
 * It remembers; whether what it remembers still holds (time, key) is asked by the verifier on every hit. Keyed by the whole token
 * and nothing shorter, so there is nothing to collide. Two generations instead of a linked list: a hit in the young one writes
 * nothing, and forgetting the old one is a single assignment.
 */

/** What remembering a token costs, bytes: `entry`, and `character` for each of the token. */
export interface EntryCost {
  readonly entry: number;
  readonly character: number;
}

/** A verified token: map slot, entry, outcome, the token's characters, its claims parsed. Measured by `bench/jwt`. */
export const VERIFIED_COST: EntryCost = { entry: 400, character: 1.5 };

/** A token alone, and something that exists anyway. */
export const TOKEN_COST: EntryCost = { entry: 100, character: 1 };

export class TokenCache<Entry extends object> {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #youngBytes = 0;
  #oldBytes = 0;
  readonly #halfBytes: number;

  readonly #cost: EntryCost;

  /** @param maxBytes - Bound on the estimated size of all entries, bytes. */
  constructor(maxBytes: number, cost: EntryCost) {
    this.#halfBytes = maxBytes / 2;
    this.#cost = cost;
  }

  get(token: string): Entry | undefined {
    const entry = this.#young.get(token);
    if (entry !== undefined) return entry;
    if (this.#old.size === 0) return undefined;
    const aged = this.#old.get(token);
    if (aged === undefined) return undefined;
    this.#old.delete(token);
    this.#oldBytes -= this.#costOf(token);
    this.set(token, aged);
    return aged;
  }

  set(token: string, entry: Entry): void {
    const bytes = this.#costOf(token);
    if (bytes > this.#halfBytes) return;
    if (!this.#young.has(token)) {
      if (this.#youngBytes + bytes > this.#halfBytes) {
        this.#old = this.#young;
        this.#oldBytes = this.#youngBytes;
        this.#young = new Map();
        this.#youngBytes = 0;
      }
      this.#youngBytes += bytes;
    }
    this.#young.set(token, entry);
  }

  delete(token: string): void {
    if (this.#young.delete(token)) this.#youngBytes -= this.#costOf(token);
    if (this.#old.delete(token)) this.#oldBytes -= this.#costOf(token);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngBytes = 0;
    this.#oldBytes = 0;
  }

  /** Removes every entry of which `dead` is true. */
  sweep(dead: (entry: Entry) => boolean): void {
    for (const generation of [this.#young, this.#old]) {
      for (const [token, entry] of generation) if (dead(entry)) this.delete(token);
    }
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Estimated size of all entries, bytes. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  #costOf(token: string): number {
    return this.#cost.entry + token.length * this.#cost.character;
  }
}
