/** The issuers that a verifier trusts, and everything that keeps them current: the second argument of every decision. */
import type { Principal } from '../decision/principal.ts';
import type { TrustedIssuers } from '../decision/trusted-issuer.ts';
import type { GuardError } from '../errors.ts';
import type { FeedState } from '../revocation/feed-client.ts';
import type { RevocationCounts } from '../revocation/revocation-state.ts';
import type { OpaqueTokenCounts } from './opaque-tokens.ts';
import type { TokenDeath } from './token-watch.ts';

/** How one issuer stands; for health, metrics and the admin port. */
export interface IssuerState {
  readonly name: string;
  readonly url: string;
  /** Whether tokens of this issuer can be judged: its keys are known and its feed, if it has one, was current once. */
  readonly ready: boolean;
  /** How many keys are at hand. */
  readonly keys: number;
  /** What failed last, while it has not been made good. */
  readonly lastError: GuardError | undefined;
  /** Seconds since the issuer last showed its view to be current; undefined where no feed is configured. */
  readonly lagSeconds: number | undefined;
  /** Undefined where no feed is configured, and before its address is known. */
  readonly feed: FeedState | undefined;
  readonly revocations: RevocationCounts | undefined;
  /** Undefined where no opaque tokens are accepted. */
  readonly opaqueTokens: OpaqueTokenCounts | undefined;
}

export interface Trust extends TrustedIssuers {
  /** Configured names; what `compilePolicy` checks policies against. */
  readonly names: readonly string[];
  /** Resolves when every issuer can be judged for the first time; never rejects. The trust works, and refuses, before that. */
  readonly ready: Promise<void>;
  state(): readonly IssuerState[];
  /** Calls back when the principal's token dies; see `TokenWatch`. For streams that outlive their decision. */
  watch(principal: Principal, onDeath: (death: TokenDeath) => void): () => void;
  /** Ends connections and timers. Decisions go on with what is known, and turn stale. */
  close(): Promise<void>;
}
