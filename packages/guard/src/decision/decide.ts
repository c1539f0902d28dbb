/**
 * THE decision: the facts of a request, a policy and the trusted issuers give one verdict.
 *
 * The same code runs in the gateway, the middleware, forward auth and `explain`. Rules are applied in a fixed order
 * (`decisionRules`), and the first that fails decides. Synchronous unless a key must be fetched or an introspection asked.
 * Knows nothing of HTTP servers: adapters turn requests into facts and verdicts into answers.
 */
import type { CompiledPolicy } from './policy.ts';
import { findUnmet } from './requirements.ts';
import { standingOf } from './standing.ts';
import { findToken, isBearerToken, MALFORMED, NO_CREDENTIALS, OTHER_SCHEME } from './token-extraction.ts';
import type { DecisionTrace } from './trace.ts';
import type { TokenCheck, TrustedIssuer, TrustedIssuers } from './trusted-issuer.ts';
import type { Allowed, RequestFacts, Verdict } from './verdict.ts';

/** The verdict on a request that needs no token and brings none. */
const ANONYMOUS: Allowed = Object.freeze({ allow: true, principal: undefined });

/**
 * @param policy - Compiled once by `compilePolicy`.
 * @param trace - Give one to learn why; costs nothing when absent.
 * @returns A promise only if a key must be fetched or the issuer asked; it never rejects.
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
  const token = findToken(facts, policy.cookie);
  switch (token) {
    case NO_CREDENTIALS:
      trace?.add('token', policy.auth === 'optional', `no credentials; the route's token is ${policy.auth}`);
      return policy.auth === 'optional' ? ANONYMOUS : policy.denials.token_missing;
    case OTHER_SCHEME:
      // Optional means absent: credentials that cannot be honoured are not absent (ATTACKS.md G8).
      trace?.add('token', false, 'the scheme of Authorization is not Bearer', 'RFC 6750 section 2.1');
      return policy.denials.token_missing;
    case MALFORMED:
      trace?.add('token', false, 'not exactly one `Bearer <token>`', 'RFC 6750 sections 2 and 3.1');
      return policy.denials.invalid_request;
    default:
  }
  trace?.add('token', true, 'exactly one bearer token', 'RFC 6750 section 2.1');
  const issuer = issuers.pick(token, policy);
  if (issuer === undefined) {
    const wellFormed = isBearerToken(token);
    trace?.add(
      wellFormed ? 'issuer' : 'token',
      false,
      wellFormed ? 'of no issuer this route trusts' : 'not a b64token',
    );
    return wellFormed ? policy.denials.invalid_token : policy.denials.invalid_request;
  }
  const check = issuer.check(token, facts.source);
  return check instanceof Promise
    ? check.then((result) => judge(result, token, facts, policy, issuer, trace))
    : judge(check, token, facts, policy, issuer, trace);
}

/** From the verified (or rejected) token on. */
function judge(
  check: TokenCheck,
  token: string,
  facts: RequestFacts,
  policy: CompiledPolicy,
  issuer: TrustedIssuer,
  trace: DecisionTrace | undefined,
): Verdict | Promise<Verdict> {
  if (!check.ok) {
    trace?.add(check.rule, false, check.why);
    if (check.unavailable) return policy.denials.temporarily_unavailable;
    return isBearerToken(token) ? policy.denials.invalid_token : policy.denials.invalid_request;
  }
  trace?.add('issuer', true, `"${issuer.name}" issued it`);
  trace?.add('signature', true, `good, by key ${check.kid === undefined ? 'without a kid' : `"${check.kid}"`}`);
  trace?.add('verified claims', true, 'typ, exp, nbf, iat and aud hold', 'RFC 9068 section 4');
  const standing = standingOf(check, token, issuer);
  if (!standing.ok) {
    trace?.add('binding', false, standing.why, standing.source);
    return policy.denials.invalid_token;
  }
  const { allowed } = standing;
  const { revocation } = issuer;
  if (revocation !== undefined) {
    // What is known to be revoked is refused however old the knowledge is.
    const { tokenRef } = allowed.principal;
    const kind = tokenRef === undefined ? 'unknown' : revocation.isRevoked(tokenRef);
    if (kind !== undefined) {
      trace?.add('revocation', false, `revoked by ${kind}`);
      return policy.denials.invalid_token;
    }
    if (!revocation.isFresh(facts.nowSeconds)) {
      const onStale = policy.onStale ?? revocation.onStale;
      trace?.add('freshness', onStale !== 'deny', `no recent word from the issuer; the route's choice is ${onStale}`);
      if (onStale === 'deny') return policy.denials.temporarily_unavailable;
      if (onStale === 'introspect') return judgeByIntrospection(token, allowed, policy, issuer, trace);
    } else {
      trace?.add('freshness', true, 'the revocation view is current');
    }
    trace?.add('revocation', true, 'not revoked');
  } else {
    trace?.add('revocation', true, 'the issuer publishes no revocations');
  }
  return judgeRequirements(allowed, policy, trace);
}

async function judgeByIntrospection(
  token: string,
  allowed: WithPrincipal,
  policy: CompiledPolicy,
  issuer: TrustedIssuer,
  trace: DecisionTrace | undefined,
): Promise<Verdict> {
  const answer = await issuer.introspect(token);
  trace?.add('introspection', answer === 'active', `the issuer says: ${answer}`, 'RFC 7662 section 2.2');
  if (answer === 'unknown') return policy.denials.temporarily_unavailable;
  if (answer === 'inactive') return policy.denials.invalid_token;
  return judgeRequirements(allowed, policy, trace);
}

function judgeRequirements(allowed: WithPrincipal, policy: CompiledPolicy, trace: DecisionTrace | undefined): Verdict {
  const unmet = findUnmet(allowed.principal, policy, trace);
  return unmet === undefined ? allowed : policy.denials[unmet];
}

type WithPrincipal = Allowed & { readonly principal: NonNullable<Allowed['principal']> };
