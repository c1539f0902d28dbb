/**
 * Which step of a rotation is due, pure (DESIGN.md section 3): a successor is announced before the active key is old; it is promoted once
 * everyone who may verify knows it; the old key goes when the last token that it signed has expired. `key-rotation.ts` takes the steps.
 */
import type { Algorithm } from '@sealgate/jwt';
import type { SigningKey } from './signing-keys.ts';

export interface RotationTimes {
  /** Age at which the active key gives way. */
  readonly rotateEveryMs: number;
  /** How long before that its successor is published. */
  readonly announceMs: number;
  /** Longest life of anything that a key has signed, and what caches and clocks may add. */
  readonly afterlifeMs: number;
  /** Waiting for confirmations ends after it, with an alarm. */
  readonly confirmationLimitMs: number;
}

export type RotationStep =
  | { readonly kind: 'announce'; readonly alg: Algorithm; readonly promoteAfterMs: number }
  /** Due, if every connected verifier has confirmed `markerSeq`, or without that once `overdue`. */
  | {
      readonly kind: 'promote';
      readonly alg: Algorithm;
      readonly kid: string;
      readonly markerSeq: number;
      readonly overdue: boolean;
    }
  | { readonly kind: 'retire'; readonly kid: string };

type PlannedKey = Pick<
  SigningKey,
  'kid' | 'alg' | 'state' | 'activatedMs' | 'retiringMs' | 'markerSeq' | 'promoteAfterMs'
>;

/** The steps that are due now, for every algorithm that has an active key. */
export function dueSteps(keys: readonly PlannedKey[], nowMs: number, times: RotationTimes): RotationStep[] {
  const steps: RotationStep[] = [];
  for (const { alg, activatedMs = 0 } of keys.filter(({ state }) => state === 'active')) {
    const successor = keys.find((key) => key.alg === alg && key.state === 'announced');
    const endsMs = activatedMs + times.rotateEveryMs;
    if (successor === undefined) {
      if (nowMs >= endsMs - times.announceMs) {
        steps.push({ kind: 'announce', alg, promoteAfterMs: Math.max(endsMs, nowMs + times.announceMs) });
      }
      continue;
    }
    const { kid, promoteAfterMs = 0, markerSeq } = successor;
    if (markerSeq !== undefined && nowMs >= promoteAfterMs) {
      steps.push({
        kind: 'promote',
        alg,
        kid,
        markerSeq,
        overdue: nowMs >= promoteAfterMs + times.confirmationLimitMs,
      });
    }
  }
  for (const { kid, state, retiringMs = 0 } of keys) {
    if (state === 'retiring' && nowMs >= retiringMs + times.afterlifeMs) steps.push({ kind: 'retire', kid });
  }
  return steps;
}
