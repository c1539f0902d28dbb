/** What the supervisor and its workers say to each other: names, what is sent, what comes back. */
import type { ClientCredential, Taking } from '@sealgate/guard';
import type { HealthAnswer } from '@sealgate/service';
import type { ConfigChange } from '../config/diff.ts';
import type { ExplainedRequest } from '../explain/explain-request.ts';
import type { ListenAddresses, ReloadResult } from '../gateway.ts';
import type { NamedPlace } from '../limits/reserves.ts';
import type { StoredTake } from '../limits/store/redis-store.ts';
import type { ExplainedDecision } from '../observe/decision-log.ts';
import type { RouteSummary } from '../routing/route-summary.ts';
import type { MetricSnapshot } from './summed-metrics.ts';

/** How often a worker says that it is well. */
export const BEAT_MS = 1000;

/** The configuration as it stood in its file, so that every worker reads the same. */
export interface StartOrders {
  readonly text: string;
  /** Number of the worker, from 1; no two are the same. */
  readonly number: number;
  /** How many workers share the port. */
  readonly size: number;
  /** How issuers list this worker. */
  readonly verifierName: string;
  /** For issuers without `client` in the configuration, by name. */
  readonly credentials: Readonly<Record<string, ClientCredential>>;
}

/** Asked by the supervisor. */
export type ToWorker = {
  /** Becomes a gateway that does not listen. */
  readonly start: readonly [StartOrders, undefined];
  /** Answered once issuers can be judged. */
  readonly stand: readonly [undefined, undefined];
  readonly listen: readonly [undefined, ListenAddresses];
  /** The first half of a reload; then one of the two others. */
  readonly prepare: readonly [string, ReloadResult];
  readonly commit: readonly [undefined, undefined];
  readonly abandon: readonly [undefined, undefined];
  /** Stops accepting and answers what is under way; then its last counts. */
  readonly drain: readonly [undefined, readonly MetricSnapshot[]];
  readonly metrics: readonly [undefined, readonly MetricSnapshot[]];
  readonly readiness: readonly [undefined, HealthAnswer];
  readonly routes: readonly [undefined, readonly RouteSummary[]];
  readonly decision: readonly [string, ExplainedDecision | undefined];
  readonly explain: readonly [unknown, ExplainedRequest];
  /** Of its reserves, for another worker (`limits/reserves.ts`). */
  readonly lendRequest: readonly [string, number | undefined];
  readonly returnRequest: readonly [string, undefined];
  readonly lendPlace: readonly [NamedPlace, boolean];
  readonly returnPlace: readonly [NamedPlace, undefined];
};

/** Asked by a worker. */
export type ToSupervisor = {
  /** Was told to end by somebody else, and wants to be replaced first. */
  readonly leave: readonly [undefined, undefined];
  /** Its event loop turns: told every {@link BEAT_MS}. */
  readonly beat: readonly [undefined, undefined];
  readonly takeLimits: readonly [readonly StoredTake[], readonly number[]];
  readonly takeProof: readonly [ProofAsked, Taking];
  readonly timesTaken: readonly [Pick<ProofAsked, 'owner' | 'id'>, number];
  readonly enterPlace: readonly [NamedPlace, boolean];
  readonly leavePlace: readonly [NamedPlace, undefined];
};

export interface ProofAsked {
  readonly owner: string;
  readonly id: string;
  readonly untilSeconds: number;
  readonly nowSeconds: number;
}

export interface SupervisedReload extends ReloadResult {
  readonly changes: readonly ConfigChange[];
  /** Workers that were started anew because what changed cannot change in place. */
  readonly restarted: number;
}
