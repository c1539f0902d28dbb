/** What a lint rule reports. Runs in a browser. */

export type Severity = 'error' | 'warning' | 'info';

/** One thing that could be better about a token or a key. */
export interface Finding {
  /** Stable name of the rule. */
  readonly rule: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** What was found. Names claims, never quotes values. */
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** How to mend it. */
  readonly mend: string;
}
