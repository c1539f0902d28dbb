/**
 * DPoP proofs at a resource server (RFC 9449 sections 4.3 and 11.1): each is verified, and taken once.
 *
 * The memory is this process's own unless one is given: a proof replayed at a verifier that does not share it is not noticed there,
 * which is why its life is short and it is bound to one method, address and token. It is bounded, and never forgets a proof that could
 * still be replayed: when it is full, or one key holds more than its share, proofs are not taken.
 */
import { createHash } from 'node:crypto';
import { DPOP_ALGORITHMS, isJwtError, verifyDpopProof, type VerifiedDpopProof } from '@sealgate/jwt';
import { DpopNonces } from './dpop-nonces.ts';
import { ReplayMemory, type ProofMemory } from './replay-memory.ts';

/** The request that a proof must have been made for. */
export interface ProofTarget {
  readonly method: string;
  /** Without query and fragment (RFC 9449 section 4.2, `htu`). */
  readonly url: string;
  readonly accessToken: string;
  /** `cnf.jkt` of that token. */
  readonly jkt: string;
}

export type ProofOutcome =
  /** `nonce`: it holds none that was given lately, and is good otherwise. */
  { readonly result: 'held' | 'replayed' | 'full' | 'nonce' } | { readonly result: 'refused'; readonly why: string };

/** Promises only where the memory is not at hand. */
export interface DpopProofs {
  check(proof: string, target: ProofTarget): ProofOutcome | Promise<ProofOutcome>;
  /** The same, but takes nothing: to explain a decision that was made before. */
  rehearse(proof: string, target: ProofTarget): ProofOutcome | Promise<ProofOutcome>;
  /** What the next proof must hold (RFC 9449 section 9); absent where no nonces are asked for. */
  readonly nonce?: () => string;
}

export interface DpopProofsOptions {
  /** Clock, seconds since the Unix epoch. */
  readonly now: () => number;
  /** How old a proof may be. Default 60. */
  readonly maxAgeSeconds?: number;
  /** How far the clocks may differ. Default 5. */
  readonly clockSkewSeconds?: number;
  /** How many proofs are remembered at most. Default 100,000 (about 20 MB). */
  readonly maxProofs?: number;
  /** Where they are remembered, for verifiers that share it. Default: here, up to `maxProofs`. */
  readonly memory?: ProofMemory;
  /** At least 32 octets, the same for every process that serves the same API: with it proofs must hold a nonce made of it. */
  readonly nonceKey?: Uint8Array;
}

export function createDpopProofs(options: DpopProofsOptions): DpopProofs {
  const { now, maxAgeSeconds = 60, clockSkewSeconds = 5, maxProofs = 100_000, nonceKey } = options;
  const nonces = nonceKey === undefined ? undefined : new DpopNonces(nonceKey, now);
  const memory: ProofMemory = options.memory ?? new ReplayMemory({ maxEntries: maxProofs });

  const verify = (proof: string, target: ProofTarget): VerifiedDpopProof | { readonly why: string } => {
    try {
      return verifyDpopProof(proof, {
        algorithms: DPOP_ALGORITHMS,
        method: target.method,
        url: target.url,
        accessToken: target.accessToken,
        expectedThumbprint: target.jkt,
        maxAgeSeconds,
        clockSkewSeconds,
        now,
      });
    } catch (error) {
      if (!isJwtError(error)) throw error;
      return { why: `the proof is refused: ${error.message}` };
    }
  };
  // The client chooses the length of a jti, so its hash is what is kept.
  const idOf = ({ jti }: VerifiedDpopProof): string => createHash('sha256').update(jti).digest('base64url');

  const lacksNonce = ({ claims }: VerifiedDpopProof): boolean => {
    const { nonce } = claims;
    return nonces !== undefined && (typeof nonce !== 'string' || !nonces.accepts(nonce));
  };

  return {
    ...(nonces === undefined ? {} : { nonce: () => nonces.current() }),
    check(proof, target) {
      const verified = verify(proof, target);
      if ('why' in verified) return { result: 'refused', why: verified.why };
      if (lacksNonce(verified)) return { result: 'nonce' };
      const { thumbprint, rememberUntilSeconds } = verified;
      return whenKnown(memory.take(thumbprint, idOf(verified), rememberUntilSeconds, now()), (result) => ({ result }));
    },
    rehearse(proof, target) {
      const verified = verify(proof, target);
      if ('why' in verified) return { result: 'refused', why: verified.why };
      if (lacksNonce(verified)) return { result: 'nonce' };
      return whenKnown(memory.timesTaken(verified.thumbprint, idOf(verified)), (times) => ({
        result: times > 1 ? 'replayed' : 'held',
      }));
    },
  };
}

function whenKnown<Known>(
  answer: Known | Promise<Known>,
  outcomeOf: (known: Known) => ProofOutcome,
): ProofOutcome | Promise<ProofOutcome> {
  return answer instanceof Promise ? answer.then(outcomeOf) : outcomeOf(answer);
}
