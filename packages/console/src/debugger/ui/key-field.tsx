/** The field for a key, and what it was recognised as. */
import { type Ref, useId, useMemo, useState } from 'react';
import { Button } from 'react-aria-components';
import type { KeyItem, KeyReading, SecretEncoding } from '../crypto/key-text.ts';
import { otherForm } from '../crypto/write-key.ts';
import { thumbprint } from '../crypto/thumbprint.ts';
import { formatInstant } from '../model/time.ts';
import { KEY_FORMS, KEY_TYPES, keyProblemText } from '../strings/keys.ts';
import { t } from '../strings/page.ts';
import { Callout, Choice } from './controls.tsx';

const ENCODINGS: readonly SecretEncoding[] = ['utf8', 'base64url', 'hex'];
const MAXIMUM_KEYS_SHOWN = 12;

export interface KeyInput {
  readonly text: string;
  readonly encoding: SecretEncoding;
}

interface KeyFieldProps {
  readonly label: string;
  readonly input: KeyInput;
  readonly reading: KeyReading;
  readonly nowSeconds: number;
  readonly fieldRef?: Ref<HTMLTextAreaElement>;
  readonly onChange: (input: KeyInput) => void;
}

export function KeyField({ label, input, reading, nowSeconds, fieldRef, onChange }: KeyFieldProps) {
  const id = useId();
  const [hidden, setHidden] = useState(false);
  const isSecret =
    reading.form === 'secret' ||
    (reading.form === 'unreadable' && reading.problems.some(({ code }) => code === 'secret-encoding'));
  const other = useMemo(() => otherForm(reading), [reading]);
  return (
    <div className="key-field">
      <div className="key-label">
        <label htmlFor={id} className="field-label">
          {label}
        </label>
        {input.text !== '' && (
          <span className="key-tools">
            {other !== undefined && (
              <Button className="quiet" onPress={() => onChange({ ...input, text: other.text })}>
                {t.key.writeAs[other.to]}
              </Button>
            )}
            <Button className="quiet" aria-pressed={hidden} onPress={() => setHidden(!hidden)}>
              {hidden ? t.key.show : t.key.hide}
            </Button>
            <Button className="quiet" onPress={() => onChange({ ...input, text: '' })}>
              {t.clear}
            </Button>
          </span>
        )}
      </div>
      <textarea
        id={id}
        ref={fieldRef}
        className={`key-input${hidden ? ' key-hidden' : ''}`}
        rows={input.text.includes('\n') || input.text.length > 120 ? 5 : 2}
        value={input.text}
        placeholder={t.key.prompt}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        onChange={(event) => onChange({ ...input, text: event.target.value })}
      />
      {isSecret && (
        <Choice
          label={t.key.encoding}
          value={input.encoding}
          options={ENCODINGS}
          names={t.key.encodings}
          onChange={(encoding) => onChange({ ...input, encoding })}
        />
      )}
      <div aria-live="polite" className="key-reading">
        {reading.problems.map((problem, index) => (
          <Callout key={`${problem.code} ${index}`} tone="warning" title={keyProblemText(problem)} />
        ))}
        {reading.keys.length > 0 && (
          <ul className="keys">
            {reading.keys.slice(0, MAXIMUM_KEYS_SHOWN).map((key) => (
              <KeyLine key={key.index} item={key} form={KEY_FORMS[reading.form]} nowSeconds={nowSeconds} />
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** One line: what kind of key, its id, its weaknesses, and for a certificate whose it is. */
function KeyLine({
  item,
  form,
  nowSeconds,
}: {
  readonly item: KeyItem;
  readonly form: string;
  readonly nowSeconds: number;
}) {
  const { jwk, type, certificate, weaknesses } = item;
  const kind = [
    jwk.kty === 'oct'
      ? KEY_TYPES.secret
      : `${jwk.crv ?? (jwk.kty === 'AKP' ? jwk.alg : jwk.kty) ?? ''} ${KEY_TYPES[type]}`,
    jwk.kty === 'AKP' ? undefined : jwk.alg,
  ];
  return (
    <li className="key-line">
      <span className="key-kind">
        <span className="tag-form">{form}</span> {kind.filter((part) => part !== undefined).join(', ')}
      </span>
      {jwk.kty !== 'oct' && (
        <span className="key-id" title={`${t.key.thumbprint} ${thumbprint(jwk)}`}>
          {jwk.kid ?? thumbprint(jwk)}
        </span>
      )}
      {certificate !== undefined && (
        <span className="remark">
          {certificate.subject}, {t.key.issuedBy(certificate.issuer)},{' '}
          {t.key.validUntil(
            formatInstant(certificate.notBefore, 'utc').slice(0, 10),
            formatInstant(certificate.notAfter, 'utc').slice(0, 10),
          )}
          {certificate.notAfter < nowSeconds ? `: ${t.key.expiredCertificate}` : ''}
        </span>
      )}
      {weaknesses.map(({ rule, what, why }) => (
        <span key={rule} className="key-problem">
          {what} {why}
        </span>
      ))}
    </li>
  );
}
