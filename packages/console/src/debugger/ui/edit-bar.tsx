/** What can be done with an edited header or payload: sign it again, keep the old signature, or let it be. */
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { isSignatureAlgorithm } from '../crypto/algorithms.ts';
import type { KeyReading } from '../crypto/key-text.ts';
import { misfit } from '../crypto/signature.ts';
import { signCompact } from '../crypto/sign.ts';
import { textToBase64url, toBase64url } from '../model/base64url.ts';
import type { Inspection } from '../model/inspect.ts';
import { lineAndColumn, scanJson } from '../model/json-scan.ts';
import { compactNode, stringMember } from '../model/json-value.ts';
import { misfitText } from '../strings/keys.ts';
import { t } from '../strings/page.ts';
import type { Draft } from './contents.tsx';
import { editableText } from './json-card.tsx';

export interface Edited {
  readonly header: string;
  readonly payload: string;
}

/** Header and payload to encode: what was edited, without its white space if it is JSON; what was not, as it was. */
export function editedParts({ header, payload }: Inspection, draft: Draft): Edited {
  const part = (text: string | undefined, old: string) => {
    if (text === undefined) return old;
    const { node, faults } = scanJson(text);
    return node === undefined || faults.length > 0 ? text : compactNode(node);
  };
  return { header: part(draft.header, header?.json ?? ''), payload: part(draft.payload, payload?.json ?? '') };
}

interface EditBarProps {
  readonly inspection: Inspection;
  readonly draft: Draft;
  readonly reading: KeyReading;
  readonly onToken: (token: string, message: string) => void;
  readonly onDiscard: () => void;
}

/** Signs the edited parts with the first key that can. Returns the token, or why not in words. */
export async function signEdited(parts: Edited, reading: KeyReading): Promise<{ token: string } | { problem: string }> {
  const alg = stringMember(scanJson(parts.header).node, 'alg');
  if (!isSignatureAlgorithm(alg)) return { problem: t.editor.needsAlgorithm(JSON.stringify(alg ?? '')) };
  const able = reading.keys.find(({ jwk }) => {
    const reason = misfit(alg, jwk, 'sign');
    return reason === undefined || reason === 'key-names-other' || reason === 'key-use';
  });
  const [first] = reading.keys;
  if (able === undefined)
    return {
      problem:
        first === undefined ? t.editor.needsKey : misfitText(misfit(alg, first.jwk, 'sign') ?? 'needs-private', alg),
    };
  try {
    return { token: await signCompact(parts.header, parts.payload, alg, able.jwk) };
  } catch {
    return { problem: t.editor.signFailed };
  }
}

export function EditBar({ inspection, draft, reading, onToken, onDiscard }: EditBarProps) {
  const [problem, setProblem] = useState('');
  const parts = editedParts(inspection, draft);
  const broken = whereBroken(draft.header) ?? whereBroken(draft.payload);
  const sign = async () => {
    const result = await signEdited(parts, reading);
    if ('token' in result) onToken(result.token, t.editor.signed);
    else setProblem(result.problem);
  };
  const keep = () => {
    const signature = toBase64url(inspection.signed?.signature ?? new Uint8Array());
    onToken([textToBase64url(parts.header), textToBase64url(parts.payload), signature].join('.'), t.editor.kept);
  };
  return (
    <div className="edit-bar" role="region" aria-label={t.editor.edited}>
      <div aria-live="polite" className="edit-words">
        <p className="edit-title">{t.editor.edited}</p>
        {broken !== undefined && <p className="remark">{t.editor.broken(broken.line, broken.column)}</p>}
        {problem !== '' && <p className="edit-problem">{problem}</p>}
      </div>
      <div className="edit-buttons">
        <Button className="button primary" onPress={() => void sign()}>
          {t.editor.sign}
        </Button>
        <Button className="button" onPress={keep}>
          {t.editor.keep}
        </Button>
        <Button className="button" onPress={onDiscard}>
          {t.editor.discard}
        </Button>
      </div>
    </div>
  );
}

function whereBroken(text: string | undefined): { line: number; column: number } | undefined {
  if (text === undefined) return undefined;
  const [first] = scanJson(text).faults;
  return first && lineAndColumn(text, first.at);
}

/** Whether a draft differs from what the token holds. */
export function isEdited({ header, payload }: Inspection, draft: Draft): boolean {
  const differs = (text: string | undefined, part: Inspection['header']) =>
    text !== undefined && part !== undefined && text !== editableText(part);
  return differs(draft.header, header) || differs(draft.payload, payload);
}
