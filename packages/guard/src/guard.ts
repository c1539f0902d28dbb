/**
 * `createGuard`: the decision for one service that trusts one issuer; what the adapters for frameworks are given.
 *
 * A gateway with many issuers and routes uses `createTrust`, `compilePolicy` and `decide` itself.
 */
import { decide } from './decision/decide.ts';
import { compilePolicy, type CompiledPolicy, type RoutePolicy } from './decision/policy.ts';
import type { DecisionTrace } from './decision/trace.ts';
import type { RequestFacts, Verdict } from './decision/verdict.ts';
import { createTrust } from './trust/create-trust.ts';
import type { IssuerOptions, TrustOptions } from './trust/options.ts';
import type { Trust } from './trust/trust.ts';

/** The issuer, and what it takes to stay in touch with it. */
export type GuardOptions = IssuerOptions &
  Omit<TrustOptions, 'issuers'> & {
    /** `realm` of challenges, unless a policy names one. Default `api`. */
    readonly realm?: string;
  };

export interface Guard {
  readonly trust: Trust;
  /** Resolves when tokens can be judged; before that they are refused with 503. Never rejects. */
  readonly ready: Promise<void>;
  /** Clock, seconds since the Unix epoch; what `RequestFacts.nowSeconds` is read from. */
  readonly now: () => number;
  /** @throws {GuardError} `policy_invalid`, `issuer_unknown`: when a route is set up, not when it is called. */
  compile(policy: RoutePolicy): CompiledPolicy;
  /** The verdict on one request. Compile the policy once. */
  check(facts: RequestFacts, policy: CompiledPolicy, trace?: DecisionTrace): Verdict | Promise<Verdict>;
  close(): Promise<void>;
}

/**
 * Starts to follow the issuer in the background.
 *
 * @example
 * const guard = createGuard({ url: 'https://id.acme.test', audience: 'https://api.acme.test', algorithms: ['ES256'] });
 * app.get('/orders', protect(guard, { scopes: ['orders:read'] }), listOrders);
 *
 * @throws {GuardError} `options_invalid`, `endpoint_insecure`.
 */
export function createGuard(options: GuardOptions): Guard {
  const {
    realm,
    verifierName,
    cacheBytes,
    dpop,
    now = () => Date.now() / 1000,
    random,
    fetch,
    dispatcher,
    observe,
    ...issuer
  } = options;
  const trust = createTrust({
    issuers: { main: issuer },
    now,
    ...(verifierName === undefined ? {} : { verifierName }),
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
    ...(dpop === undefined ? {} : { dpop }),
    ...(random === undefined ? {} : { random }),
    ...(fetch === undefined ? {} : { fetch }),
    ...(dispatcher === undefined ? {} : { dispatcher }),
    ...(observe === undefined ? {} : { observe }),
  });
  return {
    trust,
    ready: trust.ready,
    now,
    compile: (policy) => compilePolicy(realm === undefined ? policy : { realm, ...policy }, trust.names),
    check: (facts, policy, trace) => decide(facts, policy, trust, trace),
    close: () => trust.close(),
  };
}
