/** What an issuer could do better: the findings of `@sealgate/jwt/lint`, each with why and how. */
import { type Finding, lintToken } from '@sealgate/jwt/lint';
import { useMemo } from 'react';
import type { Severity } from '../model/fault.ts';
import type { Inspection } from '../model/inspect.ts';
import { isTimeless, recogniseProfile } from '../model/profile.ts';
import { t } from '../strings/page.ts';
import { Card } from './controls.tsx';

const TONES: Readonly<Record<Finding['severity'], Severity>> = { error: 'error', warning: 'warning', info: 'note' };

/** Advice is for tokens that live; a proof for one moment has its own rules, and what is malformed is told by its faults. */
function findingsFor(inspection: Inspection): readonly Finding[] | undefined {
  const profile = recogniseProfile(inspection);
  const { signed, parts } = inspection;
  if (profile === undefined || isTimeless(profile.name) || signed === undefined) return undefined;
  const token = parts
    .slice(0, 3)
    .map(({ text }) => text)
    .join('.');
  return lintToken(token).filter(({ rule }) => rule !== 'malformed');
}

export function AdviceCard({ inspection }: { readonly inspection: Inspection }) {
  const findings = useMemo(() => findingsFor(inspection), [inspection]);
  if (findings === undefined) return null;
  if (findings.length === 0)
    return inspection.faults.length > 0 ? null : (
      <Card title={t.advice.title}>
        <p className="remark pad">{t.advice.none}</p>
      </Card>
    );
  return (
    <Card title={t.advice.title}>
      <ul className="faults pad">
        {findings.map(({ rule, severity, what, why, mend }, index) => (
          <li key={`${rule} ${index}`} className={`fault tone-${TONES[severity]}`} data-rule={rule}>
            <span aria-hidden="true" className="sign" />
            <div className="fault-text">
              <p className="fault-title">
                <span className="hidden">{t.faults.severities[TONES[severity]]}: </span>
                {what}
              </p>
              <p className="fault-detail">
                {why} {mend}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
