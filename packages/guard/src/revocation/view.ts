/**
 * What a verifier knows of the issuer's revocation log: a snapshot, and the changes since, in order.
 *
 * Asked on every request, so an answer costs a few map look-ups and no allocation. Filled by the feed (`feed-session.ts`).
 * It does not judge its own age: whether the view is too old to be believed is `freshness.ts`.
 */
import type { RevocationKind, RevocationRecord } from './record.ts';
import { RevocationState, type RevocationCounts } from './revocation-state.ts';
import type { TokenRef } from './token-ref.ts';

/** A place in one issuer's log. */
export interface LogPosition {
  /** Changes when the issuer's log was rebuilt; positions of different logs cannot be compared. */
  readonly log: string;
  readonly seq: number;
}

/** Told when something may have become revoked; for those who hold a stream open (`trust/token-watch.ts`). */
export interface RevocationListener {
  changed(record: RevocationRecord): void;
  replaced(): void;
}

export interface RevocationView {
  /** The log position applied last; undefined before the first snapshot. */
  readonly position: LogPosition | undefined;
  /** What revokes the token, or undefined. Synchronous and allocation-free. */
  isRevoked(ref: TokenRef): RevocationKind | undefined;
  /** Keeps part of a snapshot aside; it counts only once {@link RevocationView.applySnapshot} closes it. */
  stage(records: Iterable<RevocationRecord>): void;
  /** Forgets what was staged: the connection ended before the snapshot was whole. */
  discardStaged(): void;
  /** Replaces everything by what was staged and `records`. */
  applySnapshot(position: LogPosition, records: Iterable<RevocationRecord>): void;
  /**
   * Applies the next record of the log.
   *
   * @returns false, and changes nothing, when it is not the next one: the state must be read again.
   */
  applyChange(record: RevocationRecord): boolean;
  /** One small step of dropping what can no longer hit a living token. */
  expire(): void;
  counts(): RevocationCounts;
  listen(listener: RevocationListener): () => void;
}

export interface RevocationViewOptions {
  /** Clock, seconds since the Unix epoch. */
  readonly now: () => number;
  /**
   * How long a record outlives its `expires`. At least the clock skew that token verification allows: a token that is still
   * admitted must still be found revoked.
   */
  readonly graceSeconds?: number;
}

/** Records are kept this much longer than the issuer asks, unless told otherwise. */
export const DEFAULT_GRACE_SECONDS = 300;

/** A step looks at 1/64 of what is held, and at least at this many entries. */
const MIN_EXPIRY_STEPS = 256;

export function createRevocationView(options: RevocationViewOptions): RevocationView {
  const { now, graceSeconds = DEFAULT_GRACE_SECONDS } = options;
  const listeners = new Set<RevocationListener>();
  let state = new RevocationState();
  let staged: RevocationState | undefined;
  let position: LogPosition | undefined;

  const stage = (records: Iterable<RevocationRecord>): RevocationState => {
    staged ??= new RevocationState();
    for (const record of records) staged.add(record);
    return staged;
  };

  return {
    get position() {
      return position;
    },
    isRevoked: (ref) => state.hit(ref),
    stage(records) {
      stage(records);
    },
    discardStaged() {
      staged = undefined;
    },
    applySnapshot(at, records) {
      state = stage(records);
      staged = undefined;
      position = at;
      for (const listener of listeners) listener.replaced();
    },
    applyChange(record) {
      if (position === undefined || record.seq !== position.seq + 1) return false;
      state.add(record);
      position = { log: position.log, seq: record.seq };
      for (const listener of listeners) listener.changed(record);
      return true;
    },
    expire() {
      state.expire(now() - graceSeconds, Math.max(MIN_EXPIRY_STEPS, state.sweepLength >> 6));
    },
    counts: () => state.counts(),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
