/** What came of trying the keys: one verdict, what was found out beside it, and what each key did. */
import type { Verification } from '../crypto/verify.ts';
import { ATTEMPTS, hintText, misfitText } from '../strings/keys.ts';
import { t } from '../strings/page.ts';
import { Callout, type Tone } from './controls.tsx';

const VERDICTS: Readonly<Record<Verification['status'], readonly [Tone, string]>> = {
  valid: ['good', t.summary.verified],
  invalid: ['error', t.summary.invalid],
  misfit: ['warning', t.summary.misfit],
  unavailable: ['warning', t.summary.unavailable],
  'not-signed': ['warning', t.summary.unsigned],
  'no-key': ['plain', t.summary.unverified],
};

export function verdictOf(verification: Verification | undefined): readonly [Tone, string] {
  return verification === undefined ? ['plain', t.summary.checking] : VERDICTS[verification.status];
}

const MAXIMUM_ATTEMPTS_SHOWN = 20;

export function VerificationResult({ verification }: { readonly verification: Verification | undefined }) {
  const [tone, title] = verdictOf(verification);
  const { status, attempts = [], hints = [], algorithm = '' } = verification ?? {};
  const showAttempts =
    attempts.length > 1 || attempts.some(({ misfit, outcome }) => misfit !== undefined || outcome !== 'valid');
  return (
    <div className="verdict" role="status" data-status={status}>
      <Callout tone={tone} title={title}>
        {status === 'no-key' && t.summary.unverifiedDetail}
        {status === 'not-signed' && t.summary.unsignedDetail}
      </Callout>
      {hints.map((hint) => {
        const { title: hintTitle, detail } = hintText(hint);
        return (
          <Callout key={hint.kind} tone="warning" title={hintTitle}>
            {detail}
          </Callout>
        );
      })}
      {showAttempts && status !== 'valid' && (
        <ul className="attempts" aria-label={t.key.attempts}>
          {attempts.slice(0, MAXIMUM_ATTEMPTS_SHOWN).map(({ key, outcome, misfit }) => (
            <li key={key.index}>
              <span className="key-id">{key.jwk.kid ?? `${key.jwk.crv ?? key.jwk.kty} ${t.key.unnamed}`}</span>{' '}
              {ATTEMPTS[outcome]}
              {misfit !== undefined && <span className="remark"> {misfitText(misfit, algorithm)}</span>}
            </li>
          ))}
        </ul>
      )}
      {status === 'valid' && attempts.at(-1)?.misfit !== undefined && (
        <p className="remark">{misfitText(attempts.at(-1)?.misfit ?? 'key-use', algorithm)}</p>
      )}
    </div>
  );
}
