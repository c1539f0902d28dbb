/** What a run found out, for the reports. It holds no token, no key and nothing of an answer's body. */
import type { Attack, Outcome } from './attack.ts';

export type Verdict = 'found' | 'withstood' | 'unclear' | 'not tried';

export interface ProbeResult {
  readonly name: string;
  readonly outcome: Outcome;
  readonly note?: string;
}

export interface AttackResult {
  readonly attack: Attack;
  readonly verdict: Verdict;
  /** Why it was not tried, or why the verdict does not count. */
  readonly reason?: string;
  readonly probes: readonly ProbeResult[];
  readonly seconds: number;
}

export interface RunResult {
  /** Without its query, which may hold a secret. */
  readonly target: string;
  /** Of the valid token. */
  readonly thumbprint: string;
  readonly results: readonly AttackResult[];
  readonly requests: number;
  readonly seconds: number;
  /** Why the run ended before its end. */
  readonly interrupted?: string;
}

export function withVerdict({ results }: RunResult, verdict: Verdict): readonly AttackResult[] {
  return results.filter((result) => result.verdict === verdict);
}

export function probesWith({ probes }: AttackResult, outcome: Outcome): readonly ProbeResult[] {
  return probes.filter((probe) => probe.outcome === outcome);
}
