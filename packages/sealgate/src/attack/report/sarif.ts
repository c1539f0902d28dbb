/**
 * The report as SARIF 2.1.0 (OASIS standard, 27 March 2020): a rule for each attack that was tried, a result for each that was found. The place
 * of a result is the address under attack: there is no source file to point to.
 */
import type { Attack, Severity } from '../attack.ts';
import { probesWith } from '../result.ts';
import type { AttackResult, RunResult } from '../result.ts';
import { VERSION } from '../../version.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';

/** As a score from 0 to 10, by which code hosts sort. */
const SCORES: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0' };
const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

export function renderSarif({ results, target, interrupted }: RunResult): string {
  const tried = results.filter(({ verdict }) => verdict !== 'not tried');
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'sealgate attack', semanticVersion: VERSION, rules: tried.map(({ attack }) => rule(attack)) },
        },
        invocations: [
          {
            executionSuccessful: interrupted === undefined,
            ...(interrupted === undefined
              ? {}
              : { toolExecutionNotifications: [{ level: 'error', message: { text: interrupted } }] }),
          },
        ],
        results: tried.flatMap((result, index) => resultsOf(result, index, target)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rule({ id, title, why, mend, severity }: Attack): object {
  return {
    id,
    name: title,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: mend },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['security'], 'security-severity': SCORES[severity] },
  };
}

function resultsOf(result: AttackResult, ruleIndex: number, target: string): readonly object[] {
  const { attack, verdict, probes } = result;
  if (verdict === 'withstood') return [];
  const found = verdict === 'found';
  const odd = found ? probesWith(result, 'accepted') : probes.filter(({ outcome }) => outcome !== 'refused');
  const names = odd.map(({ name }) => name).join('; ');
  const text = found ? `${attack.title}: ${attack.why} Got through: ${names}.` : `${attack.title}: unclear: ${names}.`;
  return [
    {
      ruleId: attack.id,
      ruleIndex,
      // Only a failure has a level (section 3.27.10).
      kind: found ? 'fail' : 'review',
      level: found ? LEVELS[attack.severity] : 'none',
      message: { text },
      locations: [{ physicalLocation: { artifactLocation: { uri: target } } }],
      partialFingerprints: { 'attack/v1': `${attack.id} ${target}` },
    },
  ];
}
