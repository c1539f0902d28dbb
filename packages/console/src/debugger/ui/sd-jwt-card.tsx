/** The disclosures of an SD-JWT, where each belongs, and the binding to its holder's key. */
import { useMemo } from 'react';
import { jwkFromPlain } from '../crypto/key-rules.ts';
import { type KeyReading, keyItem } from '../crypto/key-text.ts';
import { type Inspection, inspect } from '../model/inspect.ts';
import { scanJson } from '../model/json-scan.ts';
import { member, stringMember, toPlain } from '../model/json-value.ts';
import type { SdJwt } from '../model/sd-jwt.ts';
import { t } from '../strings/page.ts';
import { ClaimTable } from './claim-table.tsx';
import { Callout, Card } from './controls.tsx';
import { useVerification } from './use-verification.ts';
import { type TimeView, Value } from './value.tsx';

const MAXIMUM_SHOWN = 100;

export function SdJwtCard({
  inspection,
  sdJwt,
  time,
}: {
  readonly inspection: Inspection;
  readonly sdJwt: SdJwt;
  readonly time: TimeView;
}) {
  const { disclosures, undisclosed, processed, keyBinding } = sdJwt;
  const whole = useMemo(() => scanJson(JSON.stringify(processed ?? {})).node, [processed]);
  return (
    <>
      <Card title={t.sdJwt.title} className="part-edge-disclosure">
        {disclosures.length === 0 ? (
          <p className="remark">{t.sdJwt.none}</p>
        ) : (
          <table className="claims">
            <caption className="hidden">{t.sdJwt.title}</caption>
            <colgroup>
              <col className="column-name" />
              <col />
              <col className="column-meaning" />
            </colgroup>
            <thead className="hidden">
              <tr>
                <th scope="col">{t.table.name}</th>
                <th scope="col">{t.table.value}</th>
                <th scope="col">{t.sdJwt.path}</th>
              </tr>
            </thead>
            <tbody>
              {disclosures.slice(0, MAXIMUM_SHOWN).map(({ encoded, name, value, path, salt, digest }, index) => (
                <tr
                  key={`${index} ${encoded.slice(0, 40)}`}
                  className={path === undefined ? 'row-repeated' : undefined}
                >
                  <th scope="row">{name?.slice(0, 200) ?? <span className="remark">{t.sdJwt.element}</span>}</th>
                  <td className="cell-value">
                    {value === undefined ? '' : <Value name={name ?? ''} node={value} time={time} />}
                  </td>
                  <td className="cell-meaning">
                    <code>{path ?? t.sdJwt.unused}</code>
                    <span className="digest">
                      {t.sdJwt.salt} {salt.slice(0, 60)}
                    </span>
                    <span className="digest">
                      {t.sdJwt.digest} {digest}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {undisclosed > 0 && <p className="remark pad">{t.sdJwt.hidden(undisclosed)}</p>}
      </Card>
      {whole !== undefined && (
        <Card title={t.sdJwt.processed}>
          <ClaimTable caption={t.sdJwt.processed} node={whole} kind="claims" time={time} />
        </Card>
      )}
      {keyBinding !== undefined && <Binding inspection={inspection} binding={keyBinding} time={time} />}
    </>
  );
}

const NO_KEY: KeyReading = { form: 'empty', keys: [], problems: [] };

function Binding({
  inspection,
  binding,
  time,
}: {
  readonly inspection: Inspection;
  readonly binding: NonNullable<SdJwt['keyBinding']>;
  readonly time: TimeView;
}) {
  const inner = useMemo(() => inspect(binding.token), [binding.token]);
  const reading = useMemo((): KeyReading => {
    const embedded = member(member(inspection.payload?.node, 'cnf'), 'jwk');
    const { jwk } = embedded === undefined ? {} : jwkFromPlain(toPlain(embedded));
    if (jwk === undefined) return NO_KEY;
    return {
      form: 'jwk',
      keys: [keyItem(jwk, 0)],
      problems: [],
    };
  }, [inspection]);
  const verification = useVerification(inner, reading, '');
  const hash = stringMember(inner.payload?.node, 'sd_hash');
  const isValid = verification?.status === 'valid';
  return (
    <Card title={t.sdJwt.binding} className="part-edge-key-binding">
      <div className="stack pad" role="status">
        {reading.keys.length === 0 ? (
          <Callout tone="warning" title={t.sdJwt.bindingUnchecked} />
        ) : (
          <Callout tone={isValid ? 'good' : 'error'} title={isValid ? t.sdJwt.bindingValid : t.sdJwt.bindingInvalid} />
        )}
        <Callout
          tone={hash === binding.expectedHash ? 'good' : 'error'}
          title={hash === binding.expectedHash ? t.sdJwt.hashFits : t.sdJwt.hashDiffers}
        />
      </div>
      {inner.payload?.node !== undefined && (
        <ClaimTable caption={t.sdJwt.binding} node={inner.payload.node} kind="claims" time={time} />
      )}
    </Card>
  );
}
