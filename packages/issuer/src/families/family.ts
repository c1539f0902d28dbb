/**
 * The state machine of a refresh family, pure: given what is stored and what is presented, which transition is due. Performs none:
 * `refresh-families.ts` does, in one transaction. Rules: DESIGN.md section 3; RFC 9700 section 4.14.2 (rotation and reuse).
 *
 * A family is a chain of generations. Only the newest is live; each other member was consumed by making its successor. So "the
 * successor is still unused" means: the successor is the newest generation.
 */

import type { Sender } from '../grants/sender.ts';

export interface Family {
  readonly client: string;
  /** Generation of the newest member. */
  readonly generation: number;
  readonly idleExpiresMs: number;
  readonly expiresMs: number;
  readonly revokedMs: number | null;
  /** Whose refresh tokens these are, where the client is public: only that key or certificate may present them. */
  readonly sender: Sender;
}

export interface Member {
  readonly generation: number;
  /** When its successor was made; `null` for the newest generation. */
  readonly consumedMs: number | null;
}

export interface Presentation {
  /** The client that presents the token, already authenticated (or public). */
  readonly client: string;
  readonly sender: Sender;
  readonly nowMs: number;
  readonly retryWindowMs: number;
}

/** Why a presented token is refused. The client learns only `invalid_grant` (RFC 6749 section 5.2); the record says which. */
export type Refusal = 'client_mismatch' | 'sender_mismatch' | 'revoked' | 'expired';

export type Transition =
  /** Consume the member and make its one successor. */
  | { readonly kind: 'rotate' }
  /** A retry, or the other of two tabs: hand out the successor that exists. */
  | { readonly kind: 'repeat' }
  /** A consumed token came back: revoke the family. */
  | { readonly kind: 'reuse' }
  | { readonly kind: 'refuse'; readonly reason: Refusal };

/** Which transition the presentation of `member` causes. */
export function nextTransition(family: Family, member: Member, presentation: Presentation): Transition {
  const { nowMs, retryWindowMs, client } = presentation;
  if (client !== family.client) return { kind: 'refuse', reason: 'client_mismatch' };
  if (!isSender(family.sender, presentation.sender)) return { kind: 'refuse', reason: 'sender_mismatch' };
  if (family.revokedMs !== null) return { kind: 'refuse', reason: 'revoked' };
  // The condition that admits, negated: a NaN clock must refuse.
  if (!(nowMs < family.idleExpiresMs && nowMs < family.expiresMs)) return { kind: 'refuse', reason: 'expired' };
  if (member.consumedMs === null) {
    return member.generation === family.generation ? { kind: 'rotate' } : { kind: 'reuse' };
  }
  const successorUnused = member.generation === family.generation - 1;
  return successorUnused && nowMs - member.consumedMs <= retryWindowMs ? { kind: 'repeat' } : { kind: 'reuse' };
}

/** RFC 9449 section 5, RFC 8705 section 4: whatever the family is bound to must be proven again. */
function isSender(bound: Sender, presented: Sender): boolean {
  return (
    (bound.jkt === undefined || bound.jkt === presented.jkt) &&
    (bound.certificate === undefined || bound.certificate === presented.certificate)
  );
}
