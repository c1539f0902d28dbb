/**
 * The verified-token cache: verdicts by the full token, bounded in bytes, for tokens that come again.
 *
 * It remembers; whether what it remembers still holds (time, key) is asked by the verifier on every hit. A token is found by its
 * fingerprint and then compared as a whole, so no two tokens are ever taken for each other. It is kept from its second time on: most of what keeping costs falls
 * on tokens that never come again, and a flood of those displaces nothing. Two generations instead of a linked list: a hit in
 * the young one writes nothing, and forgetting the old one is a single assignment.
 */

import { Newcomers } from './newcomers.ts';

/** What remembering a token costs, bytes: `entry`, and `character` for each of the token. */
export interface EntryCost {
  readonly entry: number;
  readonly character: number;
}

/** A verified token: map slot, entry, outcome, the token's characters, its claims parsed. Measured by `bench/jwt`. */
export const VERIFIED_COST: EntryCost = { entry: 400, character: 1.5 };

/** A refused token: map slot, entry, error, the token's characters. */
export const REFUSED_COST: EntryCost = { entry: 250, character: 1 };

/** The last characters of a token are of its signature, the part that differs most; so many tell tokens apart well. */
const FINGERPRINT_CHARACTERS = 20;

/**
 * A number by which a token is looked for. Tokens that share one, by chance or on purpose, take each other's place; nothing else comes of it.
 * Hashing all of a token, as a `Map` of strings does, costs more than all the rest of a hit.
 */
export function fingerprintOf(token: string): number {
  let hash = token.length;
  for (let at = Math.max(0, hash - FINGERPRINT_CHARACTERS); at < token.length; at++)
    hash = Math.imul(hash ^ token.charCodeAt(at), 0x01000193);
  return hash;
}

/** Of so many newcomers the cache knows whether they come again: for each so many bytes that it may hold. */
const BYTES_FOR_NEWCOMER = 1024;
const MOST_NEWCOMERS = 1 << 20;

/** An entry holds its token as text of its own: a slice would keep the whole request that it came in. */
export class TokenCache<Entry extends { readonly token: string }> {
  #young = new Map<number, Entry>();
  #old = new Map<number, Entry>();
  #youngBytes = 0;
  #oldBytes = 0;
  readonly #halfBytes: number;
  readonly #cost: EntryCost;
  readonly #newcomers: Newcomers;

  /** @param maxBytes - Bound on the estimated size of all entries, bytes. */
  constructor(maxBytes: number, cost: EntryCost) {
    this.#halfBytes = maxBytes / 2;
    this.#cost = cost;
    this.#newcomers = new Newcomers(Math.min(MOST_NEWCOMERS, Math.ceil(maxBytes / BYTES_FOR_NEWCOMER)));
  }

  get(fingerprint: number, token: string): Entry | undefined {
    const entry = this.#young.get(fingerprint);
    if (entry !== undefined && entry.token === token) return entry;
    if (this.#old.size === 0) return undefined;
    const aged = this.#old.get(fingerprint);
    if (aged === undefined || aged.token !== token) return undefined;
    this.#old.delete(fingerprint);
    this.#oldBytes -= this.#costOf(aged);
    this.set(fingerprint, aged);
    return aged;
  }

  /** Whether the token is worth keeping: it was met before. */
  meets(fingerprint: number): boolean {
    return this.#newcomers.meet(fingerprint);
  }

  set(fingerprint: number, entry: Entry): void {
    const bytes = this.#costOf(entry);
    if (bytes > this.#halfBytes) return;
    this.#deleteYoung(fingerprint);
    if (this.#youngBytes + bytes > this.#halfBytes) {
      this.#old = this.#young;
      this.#oldBytes = this.#youngBytes;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#youngBytes += bytes;
    this.#young.set(fingerprint, entry);
  }

  /** Forgets what is kept by this fingerprint. */
  delete(fingerprint: number): void {
    this.#deleteYoung(fingerprint);
    const aged = this.#old.get(fingerprint);
    if (aged === undefined) return;
    this.#old.delete(fingerprint);
    this.#oldBytes -= this.#costOf(aged);
  }

  #deleteYoung(fingerprint: number): void {
    const entry = this.#young.get(fingerprint);
    if (entry === undefined) return;
    this.#young.delete(fingerprint);
    this.#youngBytes -= this.#costOf(entry);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngBytes = 0;
    this.#oldBytes = 0;
    this.#newcomers.clear();
  }

  /** Removes every entry of which `dead` is true. */
  sweep(dead: (entry: Entry) => boolean): void {
    for (const generation of [this.#young, this.#old]) {
      for (const [fingerprint, entry] of generation) if (dead(entry)) this.delete(fingerprint);
    }
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Estimated size of all entries, bytes. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  #costOf({ token }: Entry): number {
    return this.#cost.entry + token.length * this.#cost.character;
  }
}
