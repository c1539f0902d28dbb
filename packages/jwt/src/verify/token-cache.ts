/**
 * The verified-token cache: verdicts by the full token, bounded in bytes.
 *
 * It remembers; whether what it remembers still holds (time, key) is asked by the verifier on every hit. Keyed by the whole token
 * and nothing shorter, so there is nothing to collide. Two generations instead of a linked list: a hit in the young one writes
 * nothing, and forgetting the old one is a single assignment.
 */

/** Rough cost of an entry beside the characters of its token: map slot, entry, outcome, parsed claims. Measured by `bench/jwt`. */
const ENTRY_BYTES = 400;

export class TokenCache<Entry extends object> {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #youngBytes = 0;
  #oldBytes = 0;
  readonly #halfBytes: number;

  /** @param maxBytes - Bound on the estimated size of all entries, bytes. */
  constructor(maxBytes: number) {
    this.#halfBytes = maxBytes / 2;
  }

  get(token: string): Entry | undefined {
    const entry = this.#young.get(token);
    if (entry !== undefined) return entry;
    if (this.#old.size === 0) return undefined;
    const aged = this.#old.get(token);
    if (aged === undefined) return undefined;
    this.#old.delete(token);
    this.#oldBytes -= cost(token);
    this.set(token, aged);
    return aged;
  }

  set(token: string, entry: Entry): void {
    const bytes = cost(token);
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
    if (this.#young.delete(token)) this.#youngBytes -= cost(token);
    if (this.#old.delete(token)) this.#oldBytes -= cost(token);
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
}

/** The token's characters, and its claims parsed: together one and a half bytes for each character. */
function cost(token: string): number {
  return ENTRY_BYTES + token.length * 1.5;
}
