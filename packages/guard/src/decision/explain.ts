/**
 * `explain`: a decision with every rule it went through, and what would have to change for it to be another.
 *
 * For operators: `sealgate explain`, and `GET /decisions/:id` of the gateway. The decision is made by the very code that made it
 * before, now, on the same facts; so a token that has expired since is told to be expired. It leaves no mark: a DPoP proof that is
 * explained is not used up by it.
 */
import { decide } from './decide.ts';
import type { CompiledPolicy } from './policy.ts';
import type { Principal } from './principal.ts';
import { DecisionTrace, decisionRules, type DecisionRule, type TraceStep } from './trace.ts';
import type { TrustedIssuers } from './trusted-issuer.ts';
import type { GuardCode } from './verdict-codes.ts';
import type { RequestFacts } from './verdict.ts';

export interface Explanation {
  readonly allow: boolean;
  /** Whom the request is let through for. */
  readonly principal?: Principal;
  /** HTTP status and public code of a refusal. */
  readonly status?: number;
  readonly code?: GuardCode;
  /** Every rule that was applied, in order. The first that failed decided; those after it say what else is in the way. */
  readonly steps: readonly TraceStep[];
  /** What would have to change for the request to pass, one sentence for each failed rule; empty when it passes. */
  readonly changes: readonly string[];
  /** Rules of later stages that were not applied, as what they need was not there. */
  readonly notReached: readonly DecisionRule[];
}

export async function explain(
  facts: RequestFacts,
  policy: CompiledPolicy,
  issuers: TrustedIssuers,
): Promise<Explanation> {
  const trace = new DecisionTrace();
  const verdict = await decide(facts, policy, rehearsing(issuers), trace);
  const { steps } = trace;
  const changes = steps.filter(({ passed }) => !passed).map(({ change, why }) => change ?? why);
  const last = Math.max(-1, ...steps.map(({ rule }) => decisionRules.indexOf(rule)));
  return {
    allow: verdict.allow,
    ...(verdict.allow ? withPrincipal(verdict.principal) : { status: verdict.status, code: verdict.code }),
    steps,
    changes,
    notReached: verdict.allow ? [] : decisionRules.slice(last + 1).filter((rule) => applies(rule, policy)),
  };
}

const withPrincipal = (principal: Principal | undefined): Pick<Explanation, 'principal'> =>
  principal === undefined ? {} : { principal };

function rehearsing(issuers: TrustedIssuers): TrustedIssuers {
  const { proofs } = issuers;
  const base = {
    check: (token: string, source: string | undefined) => issuers.check(token, source),
    byUrl: (url: string) => issuers.byUrl(url),
  };
  if (proofs === undefined) return base;
  const rehearse: typeof proofs.check = (proof, target) => proofs.rehearse(proof, target);
  return { ...base, proofs: { ...proofs, check: rehearse, rehearse } };
}

/** Whether a rule would say anything under this policy. */
function applies(rule: DecisionRule, policy: CompiledPolicy): boolean {
  const optional: Partial<Record<DecisionRule, boolean>> = {
    introspection: false,
    binding: policy.senderConstrained !== undefined,
    scopes: policy.scopes !== undefined,
    roles: policy.roles !== undefined,
    claims: policy.claims.length > 0,
    when: policy.conditions.length > 0,
    'policy service': policy.policyService !== undefined,
  };
  return optional[rule] ?? true;
}
