/**
 * One generation of what is revoked: bitmaps for tokens, small maps for holders and keys.
 *
 * Holds and answers; knows nothing of order, snapshots or the feed (`view.ts`).
 */
import { HolderMap } from './holder-map.ts';
import { parseStatusPosition, type RevocationKind, type RevocationRecord } from './record.ts';
import { StatusBitmap } from './status-bitmap.ts';
import type { TokenRef } from './token-ref.ts';

/** How much is held. */
export interface RevocationCounts {
  readonly tokens: number;
  readonly sessions: number;
  readonly subjects: number;
  readonly clients: number;
  readonly keys: number;
  /** Estimate of the memory behind all of it. */
  readonly bytes: number;
}

/** What an empty list costs: the bitmap, its map and the slot that leads to it. */
const LIST_BYTES = 256;

/** The records of one snapshot and the changes since. */
export class RevocationState {
  readonly #lists = new Map<string, StatusBitmap>();
  readonly #sessions = new HolderMap();
  readonly #subjects = new HolderMap();
  readonly #clients = new HolderMap();
  /** A distrusted key hits whatever it signed: `before` plays no part, so every entry is (Infinity, expires). */
  readonly #keys = new HolderMap();
  #sweep: Generator<void> | undefined;
  #cutoff = Number.NEGATIVE_INFINITY;

  /** @throws {GuardError} `feed_malformed` for a token record whose id is not `<list>:<idx>`. */
  add(record: RevocationRecord): void {
    switch (record.kind) {
      case 'token': {
        const { list, idx } = parseStatusPosition(record.id);
        let bitmap = this.#lists.get(list);
        if (bitmap === undefined) this.#lists.set(list, (bitmap = new StatusBitmap()));
        bitmap.set(idx, record.expires);
        return;
      }
      case 'session':
        this.#sessions.set(record.id, record.before, record.expires);
        return;
      case 'subject':
        this.#subjects.set(record.id, record.before, record.expires);
        return;
      case 'client':
        this.#clients.set(record.id, record.before, record.expires);
        return;
      case 'key':
        this.#keys.set(record.id, Number.POSITIVE_INFINITY, record.expires);
        return;
      case 'family':
        // Access tokens do not name their family; the issuer writes a `token` record for each of its live ones.
        return;
    }
  }

  /** What revokes the token, or undefined. */
  hit(ref: TokenRef): RevocationKind | undefined {
    if (ref.statusList !== undefined && this.#lists.get(ref.statusList)?.has(ref.statusIndex) === true) return 'token';
    const iat = ref.issuedAtSeconds;
    if (this.#sessions.hits(ref.sessionId, iat)) return 'session';
    if (this.#subjects.hits(ref.subject, iat)) return 'subject';
    if (this.#clients.hits(ref.clientId, iat)) return 'client';
    if (this.#keys.hits(ref.kid, iat)) return 'key';
    return undefined;
  }

  /**
   * Looks at `steps` entries or pages, continuing where the last call stopped, and drops those that expired before
   * `cutoffSeconds`.
   */
  expire(cutoffSeconds: number, steps: number): void {
    this.#cutoff = cutoffSeconds;
    for (let step = 0; step < steps; step += 1) {
      this.#sweep ??= this.#pass();
      if (this.#sweep.next().done === true) {
        this.#sweep = undefined;
        return;
      }
    }
  }

  /** Entries and pages one whole pass of {@link RevocationState.expire} looks at. */
  get sweepLength(): number {
    let length = this.#sessions.size + this.#subjects.size + this.#clients.size + this.#keys.size;
    for (const bitmap of this.#lists.values()) length += bitmap.pages;
    return length;
  }

  counts(): RevocationCounts {
    let tokens = 0;
    let bytes = this.#sessions.bytes + this.#subjects.bytes + this.#clients.bytes + this.#keys.bytes;
    for (const [list, bitmap] of this.#lists) {
      tokens += bitmap.count;
      bytes += bitmap.bytes + LIST_BYTES + list.length;
    }
    return {
      tokens,
      sessions: this.#sessions.size,
      subjects: this.#subjects.size,
      clients: this.#clients.size,
      keys: this.#keys.size,
      bytes,
    };
  }

  *#pass(): Generator<void> {
    const cutoff = () => this.#cutoff;
    yield* this.#sessions.expire(cutoff);
    yield* this.#subjects.expire(cutoff);
    yield* this.#clients.expire(cutoff);
    yield* this.#keys.expire(cutoff);
    for (const [list, bitmap] of this.#lists) {
      yield* bitmap.expire(cutoff);
      if (bitmap.pages === 0) this.#lists.delete(list);
    }
  }
}
