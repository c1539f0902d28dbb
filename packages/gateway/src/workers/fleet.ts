/**
 * What a gateway shares with the others that serve the same port: one worker of several. A gateway that serves alone has none.
 */
import type { ProofMemory } from '@sealgate/guard';
import type { NamedPlace, Reserves } from '../limits/reserves.ts';
import type { LimitStore } from '../limits/store/redis-store.ts';

export interface Fleet {
  /** How many workers share the port. */
  readonly size: number;
  /** DPoP proofs that any of them has taken. */
  readonly proofs: ProofMemory;
  /** What is left of an allowance beside what each worker keeps in reserve (`limits/reserve.ts`). */
  readonly limits: LimitStore;
  readonly places: SharedPlaces;
  /** Of this worker; the others may have of it. */
  readonly reserves: Reserves;
}

/** Places for requests under way, counted together. Those of a worker that dies are free again. */
export interface SharedPlaces {
  /**
   * Takes a place, unless all are taken, those too that other workers have in reserve. Every `true` is followed by one `leave`.
   */
  enter(place: NamedPlace): Promise<boolean>;
  leave(place: NamedPlace): void;
}
