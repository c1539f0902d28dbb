/**
 * What the decision needs of an issuer: three questions, answered by `@sealgate/guard`'s trust in production (`trust/`).
 *
 * The boundary keeps the decision free of I/O: keys, feeds and introspection live behind it.
 */
import type { TokenRef } from '../revocation/token-ref.ts';
import type { RevocationKind } from '../revocation/record.ts';
import type { CompiledPolicy, OnStale } from './policy.ts';
import type { ClaimMapping, VerifiedClaims } from './principal.ts';
import type { DecisionRule } from './trace.ts';

/** A token verified by signature and claims. `claims` is the same object for the same cached token. */
export interface VerifiedToken {
  readonly ok: true;
  readonly claims: VerifiedClaims;
  readonly kid: string | undefined;
  readonly issuer: string;
  readonly expiresAtSeconds: number;
}

/** A token that was not verified. */
export interface RejectedToken {
  readonly ok: false;
  /** True when nobody can tell now: the key could not be fetched (ATTACKS.md G9). */
  readonly unavailable: boolean;
  /** The rule that failed, and why, for the trace. */
  readonly rule: DecisionRule;
  readonly why: string;
}

export type TokenCheck = VerifiedToken | RejectedToken;

/** The revocation state of one issuer. */
export interface RevocationCheck {
  readonly onStale: OnStale;
  /** What the URLs of this issuer's status lists start with. */
  readonly statusListPrefix: string;
  /** Whether the view was confirmed by the issuer recently enough to be believed. */
  isFresh(nowSeconds: number): boolean;
  isRevoked(ref: TokenRef): RevocationKind | undefined;
}

/** `active` and `inactive` as RFC 7662 section 2.2; `unknown` when no answer could be had. */
export type IntrospectionAnswer = 'active' | 'inactive' | 'unknown';

export interface TrustedIssuer {
  /** Configured name, such as `main`. */
  readonly name: string;
  readonly mapping: ClaimMapping;
  /** A promise only if a key has to be fetched. Never rejects. */
  check(token: string, source: string | undefined): TokenCheck | Promise<TokenCheck>;
  /** Undefined where the issuer offers no feed: tokens then live until they expire. */
  readonly revocation: RevocationCheck | undefined;
  /** Never rejects. */
  introspect(token: string): Promise<IntrospectionAnswer>;
}

/** The issuers among which a policy chooses. */
export interface TrustedIssuers {
  /**
   * The issuer whose token this claims to be, if the policy admits it; found by the unverified `iss`, so that it decides
   * whom to ask, and nothing more. Undefined when there is none.
   */
  pick(token: string, policy: CompiledPolicy): TrustedIssuer | undefined;
}
