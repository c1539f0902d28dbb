/**
 * The revoked bits of one status list, in pages.
 *
 * A page covers 4,096 indexes in 512 bytes and exists only when one of its bits is set, so memory follows the records, not
 * the largest index. Bits are never cleared one by one: a page goes as a whole when the last token it revokes has expired.
 * Until then it may keep a bit of a token that expired earlier, which every verifier refuses anyway.
 */

const PAGE_BITS_LOG2 = 12;
const PAGE_WORDS = (1 << PAGE_BITS_LOG2) >> 5;

/** What one page costs: its words, the typed array's own header, the object and its map slot. */
const PAGE_BYTES = PAGE_WORDS * 4 + 256;

interface Page {
  readonly words: Uint32Array;
  expires: number;
  count: number;
}

/** A growable bit set with an expiry per page. */
export class StatusBitmap {
  readonly #pages = new Map<number, Page>();

  /** Memory held, in bytes, by estimate. */
  get bytes(): number {
    return this.#pages.size * PAGE_BYTES;
  }

  /** Pages held: what a pass of {@link StatusBitmap.expire} has to look at. */
  get pages(): number {
    return this.#pages.size;
  }

  /** How many bits are set. */
  get count(): number {
    let count = 0;
    for (const page of this.#pages.values()) count += page.count;
    return count;
  }

  has(idx: number): boolean {
    const page = this.#pages.get(idx >>> PAGE_BITS_LOG2);
    // The word index stays inside the page by construction.
    return page !== undefined && (page.words[(idx >>> 5) & (PAGE_WORDS - 1)]! & (1 << (idx & 31))) !== 0;
  }

  /** Sets the bit and keeps it at least until `expires` (seconds since the epoch). */
  set(idx: number, expires: number): void {
    const number = idx >>> PAGE_BITS_LOG2;
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = { words: new Uint32Array(PAGE_WORDS), expires, count: 0 };
      this.#pages.set(number, page);
    }
    if (expires > page.expires) page.expires = expires;
    const word = (idx >>> 5) & (PAGE_WORDS - 1);
    const bit = 1 << (idx & 31);
    if ((page.words[word]! & bit) !== 0) return;
    page.words[word]! |= bit;
    page.count += 1;
  }

  /**
   * Walks the pages and drops those that expired before `cutoffSeconds`. Yields once a page, so the caller decides how
   * much to do at a time.
   */
  *expire(cutoff: () => number): Generator<void> {
    for (const [number, page] of this.#pages) {
      if (page.expires < cutoff()) this.#pages.delete(number);
      yield;
    }
  }
}
