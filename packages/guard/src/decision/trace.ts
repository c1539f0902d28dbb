/**
 * Why a verdict is what it is, rule by rule; for operators (`sealgate explain`, the gateway's admin port).
 *
 * Written only when asked for. It may name verified claims; it never holds the token, nor anything of a token that was not
 * verified.
 */

/** The rules, in the order in which they are applied. */
export const decisionRules = [
  'policy',
  'token',
  'parse',
  'issuer',
  'key',
  'signature',
  'verified claims',
  'binding',
  'revocation',
  'freshness',
  'introspection',
  'scopes',
  'roles',
  'claims',
  'when',
  'policy service',
] as const;

export type DecisionRule = (typeof decisionRules)[number];

/** One rule, applied. */
export interface TraceStep {
  readonly rule: DecisionRule;
  readonly passed: boolean;
  /** What was compared with what, in words. */
  readonly why: string;
  /** Where the rule comes from. */
  readonly source?: string;
  /** Of a rule that failed: what would have to change. */
  readonly change?: string;
}

export class DecisionTrace {
  readonly #steps: TraceStep[] = [];

  /** The rules applied so far, in order; the last one decided. */
  get steps(): readonly TraceStep[] {
    return this.#steps;
  }

  add(rule: DecisionRule, passed: boolean, why: string, source?: string, change?: string): void {
    this.#steps.push({
      rule,
      passed,
      why,
      ...(source === undefined ? {} : { source }),
      ...(passed || change === undefined ? {} : { change }),
    });
  }
}
