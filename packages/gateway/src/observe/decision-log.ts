/**
 * The newest decisions, by request id, for the operator who asks why (`GET /decisions/:request-id` on the admin port).
 *
 * Kept in memory and bounded. For refusals the facts are kept too, token included, so that the decision can be explained rule by
 * rule when somebody asks; they never leave this module but as a trace, which holds no token.
 */
import { explain, type CompiledPolicy, type RequestFacts, type TraceStep, type TrustedIssuers } from '@sealgate/guard';
import type { AccessEntry } from './access-log.ts';

/** What a decision was made from. */
export interface DecisionBasis {
  readonly facts: RequestFacts;
  readonly policy: CompiledPolicy;
}

export interface ExplainedDecision extends AccessEntry {
  /** The rules, applied again now to the same request; present for refusals that are recent enough. */
  readonly trace?: readonly TraceStep[];
  /** With a trace: what would have to change for the request to pass. */
  readonly changes?: readonly string[];
}

interface Kept {
  readonly entry: AccessEntry;
  readonly basis: DecisionBasis | undefined;
}

const ENTRIES = 1024;
const WITH_BASIS = 256;

export class DecisionLog {
  readonly #ring: (Kept | undefined)[] = Array.from({ length: ENTRIES });
  readonly #refused: (Kept | undefined)[] = Array.from({ length: WITH_BASIS });
  #next = 0;
  #nextRefused = 0;

  /** @param basis - For refusals that are worth explaining. */
  add(entry: AccessEntry, basis: DecisionBasis | undefined): void {
    if (basis === undefined) {
      this.#ring[this.#next] = { entry, basis };
      this.#next = (this.#next + 1) % ENTRIES;
    } else {
      this.#refused[this.#nextRefused] = { entry, basis };
      this.#nextRefused = (this.#nextRefused + 1) % WITH_BASIS;
    }
  }

  /** The newest decision on that request id. */
  async find(requestId: string, trust: TrustedIssuers): Promise<ExplainedDecision | undefined> {
    const kept = newest(this.#refused, this.#nextRefused, requestId) ?? newest(this.#ring, this.#next, requestId);
    if (kept?.basis === undefined) return kept?.entry;
    const { steps, changes } = await explain(kept.basis.facts, kept.basis.policy, trust);
    return { ...kept.entry, trace: steps, changes };
  }
}

function newest(ring: readonly (Kept | undefined)[], next: number, requestId: string): Kept | undefined {
  for (let back = 1; back <= ring.length; back++) {
    const kept = ring[(next - back + ring.length) % ring.length];
    if (kept === undefined) return undefined;
    if (kept.entry.requestId === requestId) return kept;
  }
  return undefined;
}
