/**
 * THE decision: the facts of a request, a policy and the trusted issuers give one verdict.
 *
 * The same code runs in the gateway, the middleware, forward auth and `explain`. Rules are applied in a fixed order, and the first
 * that fails decides. Synchronous unless a key must be fetched, or an issuer, a policy service or a shared memory of proofs asked. Knows nothing of HTTP servers: adapters
 * turn requests into facts and verdicts into answers.
 */
import type { Accepted } from '@sealgate/jwt';
import { GuardError } from '../errors.ts';
import { findCrossSiteFault } from './cross-site.ts';
import type { PolicyService } from './policy-service.ts';
import type { CompiledPolicy } from './policy.ts';
import type { VerifiedClaims } from './principal.ts';
import { RequestView } from './request-view.ts';
import { ruleOfRefusal } from './refusal-rule.ts';
import { isMadeFor } from './request-binding.ts';
import { findUnmet } from './requirements.ts';
import {
  findProofFault,
  isBoundBy,
  type SenderConstraint,
  type SenderProofFault,
  type TokenScheme,
} from './sender-proof.ts';
import { standingOf, type Admitted } from './standing.ts';
import { findToken, isBearerToken, MALFORMED, type NO_CREDENTIALS, OTHER_SCHEME } from './token-extraction.ts';
import type { DecisionTrace } from './trace.ts';
import type { CheckOutcome, RevocationCheck, TrustedIssuer, TrustedIssuers } from './trusted-issuer.ts';
import type { Allowed, Denied, RequestFacts, Verdict } from './verdict.ts';

/** The verdict on a request that needs no token and brings none. */
const ANONYMOUS: Allowed = Object.freeze({ allow: true, principal: undefined });

const SAME_ORIGIN = 'send it from a page of the same origin, or name the origin of the page in the policy';

const UNBOUND: Readonly<Record<SenderConstraint, string>> = {
  dpop: 'the route takes tokens bound by DPoP, and this one is not (cnf.jkt)',
  mtls: 'the route takes tokens bound to a client certificate, and this one is not (cnf.x5t#S256)',
  any: 'the route takes tokens bound to a key of their sender, and this one is bound to none',
};
const BIND = 'ask the issuer for a token that is bound to a key of the sender';

/**
 * @param policy - Compiled once by `compilePolicy`.
 * @param trace - Give one to learn why; costs nothing when absent.
 * @returns A promise only if a key must be fetched or the issuer asked.
 */
export function decide(
  facts: RequestFacts,
  policy: CompiledPolicy,
  issuers: TrustedIssuers,
  trace?: DecisionTrace,
): Verdict | Promise<Verdict> {
  if (policy.auth === 'none') {
    trace?.add('policy', true, 'the route looks at no token');
    return ANONYMOUS;
  }
  const found = findToken(facts, policy.cookie);
  if (typeof found === 'symbol') return judgeWithoutToken(found, facts, policy, trace);
  if (typeof found === 'object') return decideDpop(found.token, facts, policy, issuers, trace);
  // Found, and not in `Authorization`: in the cookie.
  if (policy.cookie !== undefined && facts.authorization.length === 0) {
    const fault = findCrossSiteFault(facts, policy.cookieOrigins);
    if (fault !== undefined) {
      trace?.add('token', false, `the token came as a cookie, and ${fault}`, 'Fetch Metadata section 2.3', SAME_ORIGIN);
      return policy.denials.cross_site_request;
    }
  }
  trace?.add('token', true, 'exactly one bearer token', 'RFC 6750 section 2.1');
  return check(found, 'Bearer', facts, policy, issuers, trace);
}

/** As for a bearer token, but refusals are challenged in the scheme that was used (RFC 9449 section 7.1). */
function decideDpop(
  token: string,
  facts: RequestFacts,
  policy: CompiledPolicy,
  issuers: TrustedIssuers,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  trace?.add('token', true, 'exactly one token, by the scheme DPoP', 'RFC 9449 section 7.1');
  const challenged = (verdict: Verdict): Verdict => {
    if (verdict.allow) return verdict;
    const denied = policy.denials.dpop[verdict.code];
    const nonce = issuers.proofs?.nonce?.();
    return nonce === undefined ? denied : { ...denied, dpopNonce: nonce };
  };
  const verdict = check(token, 'DPoP', facts, policy, issuers, trace);
  return verdict instanceof Promise ? verdict.then(challenged) : challenged(verdict);
}

function check(
  token: string,
  scheme: TokenScheme,
  facts: RequestFacts,
  policy: CompiledPolicy,
  issuers: TrustedIssuers,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  const outcome = issuers.check(token, facts.source);
  return outcome instanceof Promise
    ? outcome.then((later) => judge(later, token, scheme, facts, policy, issuers, trace))
    : judge(outcome, token, scheme, facts, policy, issuers, trace);
}

function judgeWithoutToken(
  found: typeof NO_CREDENTIALS | typeof OTHER_SCHEME | typeof MALFORMED,
  facts: RequestFacts,
  policy: CompiledPolicy,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  if (found === MALFORMED) {
    trace?.add(
      'token',
      false,
      'not exactly one `Bearer <token>` or `DPoP <token>`',
      'RFC 6750 sections 2 and 3.1',
      'send exactly one token, in one place',
    );
    return policy.denials.invalid_request;
  }
  if (found === OTHER_SCHEME) {
    // Optional means absent: credentials that cannot be honoured are not absent (ATTACKS.md G8).
    trace?.add('token', false, 'the scheme of Authorization is neither Bearer nor DPoP', 'RFC 6750 section 2.1');
    return policy.denials.token_missing;
  }
  const optional = policy.auth === 'optional';
  trace?.add('token', optional, `no credentials, where a token is ${policy.auth}`, undefined, 'send a token');
  return optional ? judgeAnonymous(facts, policy, trace) : policy.denials.token_missing;
}

/** From the verified, or refused, token on. */
function judge(
  outcome: CheckOutcome,
  token: string,
  scheme: TokenScheme,
  facts: RequestFacts,
  policy: CompiledPolicy,
  issuers: TrustedIssuers,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  if (!outcome.ok) {
    const { error } = outcome;
    if (error instanceof GuardError) {
      trace?.add('introspection', false, error.message, 'RFC 7662 section 2', error.remedy);
      return policy.denials.temporarily_unavailable;
    }
    trace?.add(ruleOfRefusal(error.code), false, error.message, error.source, error.remedy);
    // Nobody can tell now, which is not the token's fault (ATTACKS.md G9).
    if (error.code === 'keys_unavailable') return policy.denials.temporarily_unavailable;
    return isBearerToken(token) ? policy.denials.invalid_token : policy.denials.invalid_request;
  }
  const issuer = issuers.byUrl(outcome.issuer);
  if (issuer === undefined || policy.issuers?.includes(issuer.name) === false) {
    trace?.add(
      'issuer',
      false,
      'the route does not admit this issuer',
      undefined,
      'use a token of an issuer that the route names, or add this one to it',
    );
    return policy.denials.invalid_token;
  }
  if (trace !== undefined) traceVerified(outcome, issuer, trace);
  const standing = standingOf(outcome, token, issuer);
  if (!standing.ok) {
    trace?.add('binding', false, standing.why, standing.source);
    return policy.denials.invalid_token;
  }
  const { admitted, binding } = standing;
  if (issuer.requestBound === true) {
    const held = isMadeFor(outcome.claims, facts);
    trace?.add(
      'binding',
      held,
      held ? 'the token was made for this method and path' : 'the token was made for another method or path',
      undefined,
      'send the request through the gateway',
    );
    if (!held) return policy.denials.invalid_token;
  }
  const { senderConstrained } = policy;
  if (senderConstrained !== undefined && !isBoundBy(senderConstrained, binding)) {
    trace?.add('binding', false, UNBOUND[senderConstrained], 'RFC 9449 section 6, RFC 8705 section 3', BIND);
    return policy.denials.token_unbound;
  }
  if (binding === undefined && scheme !== 'DPoP') {
    return judgeStanding(token, admitted, facts, policy, issuer, trace);
  }
  const settled = (fault: SenderProofFault | undefined): Verdict | Promise<Verdict> => {
    traceBinding(fault, trace);
    if (fault === undefined) return judgeStanding(token, admitted, facts, policy, issuer, trace);
    const denied = scheme === 'Bearer' && binding?.jkt !== undefined && fault.code === 'invalid_token';
    return denied ? policy.denials.boundToKey : policy.denials[fault.code];
  };
  const fault = findProofFault(binding, scheme, token, facts, issuers.proofs);
  return fault instanceof Promise ? fault.then(settled) : settled(fault);
}

/** From the sender on: revocation, then what the route asks for. */
function judgeStanding(
  token: string,
  admitted: Admitted,
  facts: RequestFacts,
  policy: CompiledPolicy,
  issuer: TrustedIssuer,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  if (issuer.revocation === undefined) {
    trace?.add('revocation', true, 'the issuer offers no revocation feed: the token lives until it expires');
    return judgeRequirements(admitted, facts, policy, trace);
  }
  const refused = judgeRevocation(admitted, facts, policy, issuer.revocation, trace);
  if (refused === 'ask') return judgeByIntrospection(token, admitted, facts, policy, issuer, trace);
  return refused ?? judgeRequirements(admitted, facts, policy, trace);
}

/** A refusal, nothing, or `ask`: the issuer has to be asked. */
function judgeRevocation(
  { principal }: Admitted,
  { nowSeconds }: RequestFacts,
  policy: CompiledPolicy,
  revocation: RevocationCheck,
  trace: DecisionTrace | undefined,
): Denied | 'ask' | undefined {
  // What is known to be revoked is refused however old the knowledge is.
  const kind = principal.tokenRef === undefined ? 'unknown' : revocation.isRevoked(principal.tokenRef);
  if (kind !== undefined) {
    trace?.add(
      'revocation',
      false,
      `revoked by a record of kind "${kind}"`,
      undefined,
      'sign in again for a new token',
    );
    return policy.denials.invalid_token;
  }
  trace?.add('revocation', true, 'not revoked, as far as is known');
  if (revocation.isFresh(nowSeconds)) {
    trace?.add('freshness', true, 'what is known is current');
    return undefined;
  }
  const onStale = policy.onStale ?? revocation.onStale;
  trace?.add('freshness', onStale !== 'deny', `no recent word from the issuer; the choice for this is "${onStale}"`);
  if (onStale === 'deny') return policy.denials.temporarily_unavailable;
  return onStale === 'introspect' ? 'ask' : undefined;
}

async function judgeByIntrospection(
  token: string,
  admitted: Admitted,
  facts: RequestFacts,
  policy: CompiledPolicy,
  issuer: TrustedIssuer,
  trace: DecisionTrace | undefined,
): Promise<Verdict> {
  const answer = await issuer.introspect(token);
  trace?.add('introspection', answer === 'active', `the issuer says: ${answer}`, 'RFC 7662 section 2.2');
  if (answer === 'unknown') return policy.denials.temporarily_unavailable;
  return answer === 'active' ? judgeRequirements(admitted, facts, policy, trace) : policy.denials.invalid_token;
}

function judgeRequirements(
  admitted: Admitted,
  facts: RequestFacts,
  policy: CompiledPolicy,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  const unmet = findUnmet(admitted.principal, policy, trace);
  if (policy.conditions.length > 0 || policy.policyService !== undefined) {
    const { claims } = admitted.principal;
    // With a trace everything is judged, so that it tells all that would have to change.
    if (unmet !== undefined && trace === undefined) return policy.denials[unmet];
    return judgeConditions(unmet === undefined ? admitted : policy.denials[unmet], claims, facts, policy, trace);
  }
  return unmet === undefined ? admitted : policy.denials[unmet];
}

const NO_CLAIMS: VerifiedClaims = Object.freeze({});

/** Nobody is known, which is allowed here; but what is asked of requests holds for this one too. */
function judgeAnonymous(
  facts: RequestFacts,
  policy: CompiledPolicy,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  if (policy.conditions.length === 0 && policy.policyService === undefined) return ANONYMOUS;
  const verdict = judgeConditions(ANONYMOUS, NO_CLAIMS, facts, policy, trace);
  // With a token it might be allowed, so that is what is asked for.
  const asked = (answer: Verdict): Verdict =>
    !answer.allow && answer.code === 'condition_unmet' ? policy.denials.token_missing : answer;
  return verdict instanceof Promise ? verdict.then(asked) : asked(verdict);
}

/** Conditions, then the policy service. `before` is the verdict so far, kept unless something here refuses first. */
function judgeConditions(
  before: Verdict,
  claims: VerifiedClaims,
  facts: RequestFacts,
  policy: CompiledPolicy,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  const request = new RequestView(facts);
  let verdict = before;
  for (const condition of policy.conditions) {
    const { held, why } = condition.evaluate(claims, request);
    trace?.add('when', held, `${why}: ${condition.text}`, undefined, `the condition must hold: ${condition.text}`);
    if (!held && verdict.allow) verdict = policy.denials.condition_unmet;
    if (!held && trace === undefined) return verdict;
  }
  const { policyService } = policy;
  if (policyService === undefined || !verdict.allow) return verdict;
  return askService(policyService, verdict, claims, request, policy, trace);
}

async function askService(
  service: PolicyService,
  verdict: Verdict,
  claims: VerifiedClaims,
  request: RequestView,
  policy: CompiledPolicy,
  trace: DecisionTrace | undefined,
): Promise<Verdict> {
  const answer = await service.ask(claims, request);
  const passed = answer === 'allow' || (answer === 'unknown' && service.onFailure === 'allow');
  const known = answer === 'unknown' ? `gave no answer, which counts as "${service.onFailure}"` : `says: ${answer}`;
  trace?.add('policy service', passed, `the policy service ${known}`);
  if (passed) return verdict;
  return answer === 'deny' ? policy.denials.condition_unmet : policy.denials.temporarily_unavailable;
}

function traceBinding(fault: SenderProofFault | undefined, trace: DecisionTrace | undefined): void {
  if (fault !== undefined) {
    trace?.add('binding', false, fault.why, fault.source, fault.change);
    return;
  }
  trace?.add(
    'binding',
    true,
    'the sender holds the key that the token is bound to',
    'RFC 9449 section 7.1, RFC 8705 section 3',
  );
}

function traceVerified({ header, kid }: Accepted, { name }: TrustedIssuer, trace: DecisionTrace): void {
  // No JWT is accepted with this algorithm: it stands for a token that is none (`trust/opaque-tokens.ts`).
  if (header.alg === 'none') {
    trace.add(
      'introspection',
      true,
      `"${name}" says that the token is active, and meant for this API`,
      'RFC 7662 section 2.2',
    );
    return;
  }
  trace.add('parse', true, 'a compact JWS in its one spelling', 'RFC 7515 section 7.1');
  trace.add('issuer', true, `issued by "${name}"`, 'RFC 8725 section 3.8');
  trace.add(
    'key',
    true,
    kid === undefined ? 'the issuer’s only key' : `key "${kid}" of this issuer`,
    'RFC 7515 section 4.1.4',
  );
  trace.add('signature', true, 'verified', 'RFC 7515 section 5.2');
  trace.add('verified claims', true, 'typ, aud, exp, nbf and iat hold', 'RFC 9068 section 4');
}
