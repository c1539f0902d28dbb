/** A DPoP proof laid out: for which request, with which key, and whether it goes with an access token (RFC 9449). */
import { useMemo, useState } from 'react';
import { Label, TextArea, TextField } from 'react-aria-components';
import { accessTokenHash, readDpopProof } from '../model/dpop.ts';
import { type Inspection, inspect } from '../model/inspect.ts';
import { member, stringMember } from '../model/json-value.ts';
import { describeTime } from '../model/time.ts';
import { t } from '../strings/page.ts';
import { Callout, Card } from './controls.tsx';
import { FaultList } from './fault-list.tsx';
import type { TimeView } from './value.tsx';

export function DpopCard({ inspection, time }: { readonly inspection: Inspection; readonly time: TimeView }) {
  const proof = useMemo(() => readDpopProof(inspection), [inspection]);
  const [token, setToken] = useState('');
  return (
    <Card title={t.dpop.title}>
      <div className="stack pad">
        <p className="request">
          <span className="request-method">{proof.method?.slice(0, 40) ?? '?'}</span>
          <span className="request-url">{proof.url?.slice(0, 500) ?? '?'}</span>
        </p>
        <dl className="facts">
          <dt>{t.dpop.thumbprint}</dt>
          <dd className="mono">{proof.thumbprint ?? '?'}</dd>
          {proof.issuedAt !== undefined && (
            <>
              <dt>{t.dpop.made}</dt>
              <dd>{describeTime(proof.issuedAt, time.nowSeconds, time.format).main}</dd>
            </>
          )}
          {proof.nonce !== undefined && (
            <>
              <dt>{t.dpop.nonce}</dt>
              <dd className="mono">{proof.nonce.slice(0, 200)}</dd>
            </>
          )}
          <dt>{t.dpop.tokenHash}</dt>
          <dd className={proof.tokenHash === undefined ? '' : 'mono'}>
            {proof.tokenHash?.slice(0, 200) ?? t.dpop.noHash}
          </dd>
        </dl>
        {proof.faults.length > 0 && <FaultList faults={proof.faults} />}
        {proof.tokenHash !== undefined && (
          <>
            <TextField className="text-field" value={token} onChange={setToken}>
              <Label className="field-label">{t.dpop.accessToken}</Label>
              <TextArea className="key-input" rows={2} spellCheck="false" autoComplete="off" />
            </TextField>
            {token.trim() !== '' && <Match token={token.trim()} hash={proof.tokenHash} thumbprint={proof.thumbprint} />}
          </>
        )}
      </div>
    </Card>
  );
}

function Match({
  token,
  hash,
  thumbprint,
}: {
  readonly token: string;
  readonly hash: string;
  readonly thumbprint: string | undefined;
}) {
  const bound = stringMember(member(inspect(token).payload?.node, 'cnf'), 'jkt');
  if (accessTokenHash(token) !== hash) return <Callout tone="error" title={t.dpop.wrongHash} />;
  if (bound === undefined) return <Callout tone="warning" title={t.dpop.notBound} />;
  return bound === thumbprint ? (
    <Callout tone="good" title={t.dpop.match} />
  ) : (
    <Callout tone="error" title={t.dpop.wrongKey} />
  );
}
