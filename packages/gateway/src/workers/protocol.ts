/** What the supervisor and its workers say to each other: names, what is sent, what comes back. */
import type { ClientCredential, Taking } from '@sealgate/guard';
import type { HealthAnswer } from '@sealgate/service';
import type { ConfigChange } from '../config/diff.ts';
import type { ExplainedRequest } from '../explain/explain-request.ts';
import type { ListenAddresses, ReloadResult } from '../gateway.ts';
import type { StoredTake } from '../limits/store/redis-store.ts';
import type { ExplainedDecision } from '../observe/decision-log.ts';
import type { RouteSummary } from '../routing/route-summary.ts';
import type { MetricSnapshot } from './summed-metrics.ts';

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
};

/** Asked by a worker. */
export type ToSupervisor = {
  /** Was told to end by somebody else, and wants to be replaced first. */
  readonly leave: readonly [undefined, undefined];
  readonly takeLimits: readonly [readonly StoredTake[], readonly number[]];
  readonly takeProof: readonly [ProofAsked, Taking];
  readonly timesTaken: readonly [Pick<ProofAsked, 'owner' | 'id'>, number];
  readonly enterPlace: readonly [{ readonly key: string; readonly limit: number }, boolean];
  readonly leavePlace: readonly [string, undefined];
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
