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
  /** A successor is due, and the key store has none: an operator must make one. */
  | { readonly kind: 'lacking'; readonly alg: Algorithm }
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

/** Where the next key of an algorithm comes from: made when it is due; there already, in a key store; or nowhere. */
export type Stock = (alg: Algorithm) => 'made' | 'spare' | 'lacking';

/** The steps that are due now, for every algorithm that has an active key. */
export function dueSteps(
  keys: readonly PlannedKey[],
  nowMs: number,
  times: RotationTimes,
  stock: Stock = () => 'made',
): RotationStep[] {
  const steps: RotationStep[] = [];
  for (const { alg, activatedMs = 0 } of keys.filter(({ state }) => state === 'active')) {
    const successor = keys.find((key) => key.alg === alg && key.state === 'announced');
    const endsMs = activatedMs + times.rotateEveryMs;
    if (successor === undefined) {
      const source = stock(alg);
      const due = nowMs >= endsMs - times.announceMs;
      // Whoever configures another key of a key store wants it to be used.
      if (source === 'spare') steps.push({ kind: 'announce', alg, promoteAfterMs: nowMs + times.announceMs });
      else if (due && source === 'lacking') steps.push({ kind: 'lacking', alg });
      else if (due) steps.push({ kind: 'announce', alg, promoteAfterMs: Math.max(endsMs, nowMs + times.announceMs) });
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
