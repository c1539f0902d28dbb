/** Signing keys, as administrators see and replace them. */
import type { Algorithm } from '@sealgate/jwt';
import { IssuerError } from '../errors.ts';
import type { SigningKey } from '../keys/signing-keys.ts';
import type { Confirmation } from '../revocation/confirmations.ts';
import type { AdminContext, WaitOption } from './context.ts';

/** A signing key as administrators see one. Times are milliseconds since the Unix epoch. */
export type KeyView = Pick<
  SigningKey,
  'kid' | 'alg' | 'state' | 'external' | 'createdMs' | 'activatedMs' | 'retiringMs' | 'promoteAfterMs'
>;

export interface KeyAdmin {
  /** Every key, oldest first. */
  list(): Promise<readonly KeyView[]>;
  /** @throws {IssuerError} `key_unknown`. */
  read(kid: string): Promise<KeyView>;
  /**
   * Publishes a successor now. It signs once every connected verifier has confirmed it and the key set's cache age has passed.
   *
   * @throws {IssuerError} `key_algorithm_unused`, `key_transition_refused`.
   */
  rotate(alg: Algorithm): Promise<void>;
  /** Distrusts a key and replaces it. Resolves when the connected verifiers have confirmed. @throws {IssuerError} `key_unknown`. */
  compromise(kid: string, options?: WaitOption): Promise<Confirmation>;
  /** Takes the steps of rotation that are due now, instead of within seconds. */
  takeDueSteps(): Promise<void>;
}

export function keyAdmin({ parts, by }: AdminContext): KeyAdmin {
  const { rotation, algorithms } = parts;
  return {
    list: async () => (await rotation.list()).map(keyView),
    read: async (kid) => {
      const key = (await rotation.list()).find((each) => each.kid === kid);
      if (key === undefined) throw new IssuerError('key_unknown');
      return keyView(key);
    },
    rotate: async (alg) => {
      if (!algorithms.includes(alg)) throw new IssuerError('key_algorithm_unused');
      await rotation.rotate(alg, by);
    },
    compromise: (kid, { waitMs } = {}) => rotation.compromise(kid, by, waitMs),
    takeDueSteps: () => rotation.takeDueSteps(),
  };
}

function keyView(key: SigningKey): KeyView {
  const { kid, alg, state, external, createdMs, activatedMs, retiringMs, promoteAfterMs } = key;
  return { kid, alg, state, external, createdMs, activatedMs, retiringMs, promoteAfterMs };
}
