/**
 * The life of a signing key, pure (DESIGN.md section 3): announced, then active, then retiring, then retired; compromised from any.
 * Who moves a key, and when, is `signing-keys.ts`.
 */
import type { KeyState } from '../store/schema.ts';

const NEXT: Readonly<Record<KeyState, readonly KeyState[]>> = {
  announced: ['active', 'retired', 'compromised'],
  active: ['retiring', 'compromised'],
  retiring: ['retired', 'compromised'],
  retired: ['compromised'],
  compromised: [],
};

export function mayBecome(from: KeyState, to: KeyState): boolean {
  return NEXT[from].includes(to);
}

/** Whether verifiers are to know the key: before its first signature, and until the last token that it signed has expired. */
export function isPublished(state: KeyState): boolean {
  return state === 'announced' || state === 'active' || state === 'retiring';
}
