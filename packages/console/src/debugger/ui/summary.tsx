/** One line above the contents: what kind of token, is it signed by the key, is it in time. */
import type { Verification } from '../crypto/verify.ts';
import { gravest } from '../model/fault.ts';
import type { Inspection } from '../model/inspect.ts';
import { stringMember } from '../model/json-value.ts';
import { isTimeless, recogniseProfile } from '../model/profile.ts';
import { layTimeline } from '../model/timeline.ts';
import { FORMS, PROFILES } from '../strings/kinds.ts';
import { t } from '../strings/page.ts';
import type { Tone } from './controls.tsx';
import { SourceLink } from './source-link.tsx';
import { VALIDITY_TONES, validityText } from './timeline-card.tsx';
import { verdictOf } from './verification-result.tsx';

interface SummaryProps {
  readonly inspection: Inspection;
  /** The verdict on the signature or the decryption, already in words. */
  readonly verdict: readonly [Tone, string];
  readonly nowSeconds: number;
  readonly skewSeconds: number;
}

export function summaryVerdict(
  verification: Verification | undefined,
  inspection: Inspection,
): readonly [Tone, string] {
  return inspection.form === 'broken' ? ['error', t.summary.broken] : verdictOf(verification);
}

export function Summary({ inspection, verdict, nowSeconds, skewSeconds }: SummaryProps) {
  const { form, header, payload, faults } = inspection;
  const profile = recogniseProfile(inspection);
  const line = layTimeline(payload?.node, nowSeconds, skewSeconds);
  const alg = stringMember(header?.node, 'alg');
  const enc = stringMember(header?.node, 'enc');
  const shown = profile && PROFILES[profile.name];
  const grave = gravest(faults);
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  const warnings = faults.filter(({ severity }) => severity === 'warning').length;
  return (
    <section className="summary" aria-label={t.summary.region}>
      <div className="summary-kind">
        <h2 className="summary-title">
          {shown?.name ?? FORMS[form]}
          {alg !== undefined && (
            <span className="summary-alg">{[alg, enc].filter(Boolean).join(' + ').slice(0, 60)}</span>
          )}
        </h2>
        <p className="remark">
          {shown !== undefined && (
            <>
              {shown.text} <SourceLink source={shown.source} />
              {profile?.certain === false &&
                profile.name !== 'jwt' &&
                profile.name !== 'signed-data' &&
                ` ${t.summary.guess}`}
            </>
          )}
          {payload === undefined && form.startsWith('jwe') && t.summary.encryptedDetail}
        </p>
      </div>
      <ul className="badges">
        <Badge tone={verdict[0]} text={verdict[1]} />
        {line !== undefined && !(line.validity === 'unlimited' && isTimeless(profile?.name)) && (
          <Badge tone={VALIDITY_TONES[line.validity]} text={validityText(line)} />
        )}
        {errors + warnings > 0 && grave !== undefined && <Badge tone={grave} text={t.faults.count(errors, warnings)} />}
      </ul>
    </section>
  );
}

function Badge({ tone, text }: { readonly tone: Tone; readonly text: string }) {
  return (
    <li className={`badge tone-${tone}`}>
      <span aria-hidden="true" className="sign" />
      {text}
    </li>
  );
}
