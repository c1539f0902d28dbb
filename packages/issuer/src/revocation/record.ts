/**
 * One entry of the revocation log, as it goes over the wire (DESIGN.md section 3) and as it is stored. ADR 6 says why `before` is
 * the next whole second.
 */
import type { RevocationKind, RevocationTable } from '../store/schema.ts';

export interface RevocationRecord {
  readonly seq: number;
  readonly kind: RevocationKind;
  readonly id: string;
  /** Tokens of the holder with `iat` below it are revoked. Unix seconds. */
  readonly before: number;
  /** After it the record hits nothing and is dropped. Unix seconds. */
  readonly expires: number;
}

/** A record that has no place in the log yet. */
export type NewRevocation = Omit<RevocationRecord, 'seq'>;

/** The first second whose tokens a revocation at `nowMs` does not hit. */
export function nextWholeSecond(nowMs: number): number {
  return Math.floor(nowMs / 1000) + 1;
}

/** The id of a `token` record: the token's place in its status list. */
export function statusReference(list: number, index: number): string {
  return `${list}:${index}`;
}

export function recordOf(row: RevocationTable): RevocationRecord {
  return {
    seq: row.seq,
    kind: row.kind,
    id: row.holder,
    before: row.before_seconds,
    expires: row.expires_seconds,
  };
}
