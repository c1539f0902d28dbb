/** What came out of an encrypted token: another token, or content of any kind. */
import { useMemo } from 'react';
import type { KeyReading } from '../crypto/key-text.ts';
import { inspect } from '../model/inspect.ts';
import { readUtf8 } from '../model/utf8.ts';
import { t } from '../strings/page.ts';
import { Contents } from './contents.tsx';
import { Callout, Card, CopyButton } from './controls.tsx';
import { FaultList } from './fault-list.tsx';
import { hexDump } from './json-card.tsx';
import { Summary, summaryVerdict } from './summary.tsx';
import { useVerification } from './use-verification.ts';
import type { TimeView } from './value.tsx';
import { VerificationResult } from './verification-result.tsx';

interface NestedProps {
  readonly plaintext: Uint8Array<ArrayBuffer>;
  readonly reading: KeyReading;
  readonly keyText: string;
  readonly time: TimeView;
  readonly skewSeconds: number;
  readonly onSkew: (seconds: number) => void;
}

const MAXIMUM_TEXT = 20_000;

export function Nested({ plaintext, reading, keyText, time, skewSeconds, onSkew }: NestedProps) {
  const { text, invalidAt } = useMemo(() => readUtf8(plaintext), [plaintext]);
  const inner = useMemo(() => inspect(text), [text]);
  const verification = useVerification(inner, reading, keyText);
  const isToken = invalidAt === undefined && inner.header?.node?.type === 'object' && inner.located?.wrapper === 'none';
  if (!isToken) {
    const shown = invalidAt === undefined ? text.slice(0, MAXIMUM_TEXT) : hexDump(plaintext);
    return (
      <Card title={t.jwe.title} aside={<CopyButton text={invalidAt === undefined ? text : shown} />}>
        <div className="stack pad">
          <Callout tone="warning" title={t.jwe.unsigned} />
          <p className="remark">{invalidAt === undefined ? t.jwe.text : t.jwe.binary(plaintext.length)}</p>
          <pre className="raw">{shown}</pre>
        </div>
      </Card>
    );
  }
  return (
    <section className="nested" aria-label={t.jwe.inner}>
      <Card title={t.jwe.inner} aside={<CopyButton text={text} />}>
        <div className="stack pad">
          <p className="remark">{t.jwe.innerDetail}</p>
          <VerificationResult verification={verification} />
          {inner.faults.length > 0 && <FaultList faults={inner.faults} />}
        </div>
      </Card>
      <Summary
        inspection={inner}
        verdict={summaryVerdict(verification, inner)}
        nowSeconds={time.nowSeconds}
        skewSeconds={skewSeconds}
      />
      <Contents inspection={inner} time={time} skewSeconds={skewSeconds} onSkew={onSkew} />
    </section>
  );
}
