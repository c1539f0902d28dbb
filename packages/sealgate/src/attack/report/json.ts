/** The report for programs. */
import type { RunResult } from '../result.ts';

export function renderJson({ target, thumbprint, results, requests, seconds, interrupted }: RunResult): string {
  const report = {
    target,
    token: thumbprint,
    judged: interrupted === undefined,
    ...(interrupted === undefined ? {} : { interrupted }),
    found: results.filter(({ verdict }) => verdict === 'found').map(({ attack }) => attack.id),
    requests,
    seconds: round(seconds),
    attacks: results.map(({ attack, verdict, reason, probes, seconds }) => ({
      id: attack.id,
      title: attack.title,
      severity: attack.severity,
      verdict,
      ...(reason === undefined ? {} : { reason }),
      why: attack.why,
      mend: attack.mend,
      seconds: round(seconds),
      probes,
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
