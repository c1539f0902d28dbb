/** Header or payload of a token: explained, or as JSON to edit. */
import { useMemo, useState } from 'react';
import type { DecodedPart } from '../model/decode-part.ts';
import { formatNode } from '../model/json-value.ts';
import { t } from '../strings/page.ts';
import { ClaimTable } from './claim-table.tsx';
import { CodeField } from './code-field.tsx';
import { Card, Choice, CopyButton } from './controls.tsx';
import { markJson } from './json-marks.ts';
import type { TimeView } from './value.tsx';

const VIEWS = ['explained', 'json'] as const;

interface JsonCardProps {
  readonly part: 'header' | 'payload';
  readonly decoded: DecodedPart;
  readonly time: TimeView;
  /** The text as edited; `undefined` for as it is in the token. */
  readonly draft?: string | undefined;
  readonly onEdit?: (text: string) => void;
  readonly onSubmit?: () => void;
}

/** The JSON text that is edited first: in readable form if it is whole, else as it is. */
export function editableText({ node, complete, json }: DecodedPart): string {
  return node !== undefined && complete ? formatNode(node) : json.replace(/^\uFEFF/u, '');
}

export function JsonCard({ part, decoded, time, draft, onEdit, onSubmit }: JsonCardProps) {
  const [view, setView] = useState<(typeof VIEWS)[number]>('explained');
  const original = useMemo(() => editableText(decoded), [decoded]);
  const text = draft ?? original;
  const marks = useMemo(() => (view === 'json' ? markJson(text) : []), [view, text]);
  const title = part === 'header' ? t.header : decoded.node?.type === 'object' ? t.claims : t.payload;
  const isExplained = view === 'explained' && draft === undefined;
  return (
    <Card
      title={title}
      className={`json-card part-edge-${part}`}
      aside={
        <>
          <CopyButton text={text} />
          <Choice
            label={t.view.label(title)}
            value={isExplained ? 'explained' : 'json'}
            options={VIEWS}
            names={t.view}
            onChange={setView}
          />
        </>
      }
    >
      {isExplained ? (
        <Explained part={part} decoded={decoded} time={time} title={title} />
      ) : (
        <CodeField
          label={part === 'header' ? t.editor.header : t.editor.payload}
          value={text}
          marks={marks}
          minimumRows={3}
          readOnly={onEdit === undefined}
          {...(onEdit && { onChange: onEdit })}
          {...(onSubmit && { onSubmit })}
        />
      )}
    </Card>
  );
}

function Explained({
  part,
  decoded,
  time,
  title,
}: {
  readonly part: 'header' | 'payload';
  readonly decoded: DecodedPart;
  readonly time: TimeView;
  readonly title: string;
}) {
  const { node, bytes, isUtf8, json } = decoded;
  if (node !== undefined) {
    return <ClaimTable caption={title} node={node} kind={part === 'header' ? 'parameters' : 'claims'} time={time} />;
  }
  if (bytes.length === 0) return <p className="remark">{t.bytes(0)}</p>;
  return <pre className="raw">{isUtf8 ? json.slice(0, 4000) : hexDump(bytes)}</pre>;
}

/** The first bytes in hexadecimal, sixteen a line. */
export function hexDump(bytes: Uint8Array): string {
  const hex = Array.from(bytes.slice(0, 512), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return hex.match(/.{1,48}/gu)?.join('\n') ?? '';
}
