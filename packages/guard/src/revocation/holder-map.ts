/**
 * Revocations of a holder (a session, a subject, a client): every token it was issued before a moment.
 *
 * Two records of one holder become one that is at least as strict as both: the later `before`, the later `expires`.
 */

/** What an entry costs beyond its characters: the object, the map slot, the string's header. */
const ENTRY_BYTES = 112;

interface Entry {
  before: number;
  expires: number;
}

/** `id -> before`, with expiry. */
export class HolderMap {
  readonly #entries = new Map<string, Entry>();
  #characters = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Memory held, in bytes, by estimate (one byte a character). */
  get bytes(): number {
    return this.#entries.size * ENTRY_BYTES + this.#characters;
  }

  /** Whether a token of holder `id` issued at `iat` (seconds) is revoked. A token without a usable `iat` is. */
  hits(id: string | undefined, iat: number): boolean {
    if (id === undefined || this.#entries.size === 0) return false;
    const entry = this.#entries.get(id);
    // The condition that admits, negated: NaN must be revoked.
    return entry !== undefined && !(iat >= entry.before);
  }

  set(id: string, before: number, expires: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      this.#entries.set(id, { before, expires });
      this.#characters += id.length;
      return;
    }
    if (before > entry.before) entry.before = before;
    if (expires > entry.expires) entry.expires = expires;
  }

  /** Like {@link StatusBitmap.expire}: one entry a step. */
  *expire(cutoff: () => number): Generator<void> {
    for (const [id, entry] of this.#entries) {
      if (entry.expires < cutoff()) {
        this.#entries.delete(id);
        this.#characters -= id.length;
      }
      yield;
    }
  }
}
