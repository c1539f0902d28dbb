/** What may pass: a token, a policy and the trusted issuers give one verdict. Adapters for frameworks are subpaths. */
export { compilePolicy } from './decision/policy.ts';
export type { CompiledPolicy, CompiledRequirement, OnStale, Requirement, RoutePolicy } from './decision/policy.ts';
export { decide } from './decision/decide.ts';
export type { Allowed, Denied, RequestFacts, Verdict } from './decision/verdict.ts';
export { VERDICT_CODES } from './decision/verdict-codes.ts';
export type { GuardCode, VerdictCodeEntry } from './decision/verdict-codes.ts';
export { Principal, type Derivation } from './decision/principal.ts';
export type { ClaimMapping, VerifiedClaims } from './decision/principal.ts';
export { explain } from './decision/explain.ts';
export type { Explanation } from './decision/explain.ts';
export { DecisionTrace, decisionRules } from './decision/trace.ts';
export type { DecisionRule, TraceStep } from './decision/trace.ts';
export { denialHeaders, PROBLEM_MEDIA_TYPE, problemOf } from './decision/problem.ts';
export type { Problem } from './decision/problem.ts';
export type {
  CheckOutcome,
  IntrospectionAnswer,
  RevocationCheck,
  TrustedIssuer,
  TrustedIssuers,
} from './decision/trusted-issuer.ts';
export { DpopNonces } from './decision/dpop-nonces.ts';
export type { SenderConstraint } from './decision/sender-proof.ts';
export { createDpopProofs } from './decision/dpop-proofs.ts';
export type { DpopProofs, DpopProofsOptions, ProofOutcome, ProofTarget } from './decision/dpop-proofs.ts';
export { ReplayMemory } from './decision/replay-memory.ts';
export type { ProofMemory, Taking } from './decision/replay-memory.ts';
export type { Condition, ConditionOutcome } from './decision/condition.ts';
export type { PolicyAnswer, PolicyService } from './decision/policy-service.ts';
export { RequestView } from './decision/request-view.ts';
export { createOpaService } from './trust/opa.ts';
export type { OpaOptions } from './trust/opa.ts';
export { parseJsonPointer, readPointer } from './decision/json-pointer.ts';
export type { JsonPointer } from './decision/json-pointer.ts';
export type { JsonObject, JsonValue } from './json.ts';

export { createRevocationView } from './revocation/view.ts';
export type { LogPosition, RevocationListener, RevocationView, RevocationViewOptions } from './revocation/view.ts';
export type { RevocationCounts } from './revocation/revocation-state.ts';
export { parseRecord } from './revocation/record.ts';
export type { RevocationKind, RevocationRecord, StatusPosition } from './revocation/record.ts';
export { readTokenRef } from './revocation/token-ref.ts';
export type { TokenRef } from './revocation/token-ref.ts';
export { createFeedClient } from './revocation/feed-client.ts';
export type { FeedClient, FeedClientEvent, FeedClientOptions, FeedState } from './revocation/feed-client.ts';

export type { ClientCredential } from './trust/client-credential.ts';
export type {
  IssuerOptions,
  MappingOptions,
  OpaqueTokenOptions,
  RevocationOptions,
  TrustOptions,
} from './trust/options.ts';
export { PRESET_NAMES } from './trust/mapping-presets.ts';
export type { PresetName } from './trust/mapping-presets.ts';
export type { OpaqueTokenCounts } from './trust/opaque-tokens.ts';
export type { TrustEvent } from './trust/trust-event.ts';
export { createTrust } from './trust/create-trust.ts';
export type { IssuerState, Trust } from './trust/trust.ts';
export type { TokenDeath } from './trust/token-watch.ts';

export { createGuard } from './guard.ts';
export type { Guard, GuardOptions } from './guard.ts';
export { createGatewayGuard } from './gateway-guard.ts';
export type { GatewayGuardOptions } from './gateway-guard.ts';

export { GUARD_ERROR_CODES } from './error-codes.ts';
export type { GuardErrorCode } from './error-codes.ts';
export { GuardError } from './errors.ts';
export type { GuardErrorDetails } from './errors.ts';
