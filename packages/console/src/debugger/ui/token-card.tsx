/** The token itself: pasted, coloured by part, with its faults marked where they are. */
import { type RefObject, memo, useId, useMemo } from 'react';
import { Button } from 'react-aria-components';
import type { Span } from '../model/fault.ts';
import type { Inspection } from '../model/inspect.ts';
import { FOREIGN, FORMS, WRAPPERS } from '../strings/kinds.ts';
import { t } from '../strings/page.ts';
import { CodeField } from './code-field.tsx';
import { Callout, Card, CopyButton } from './controls.tsx';
import { FaultList } from './fault-list.tsx';
import type { Mark } from './segments.ts';

interface TokenCardProps {
  readonly title?: string;
  readonly inspection: Inspection;
  readonly choice: number;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
  readonly onChange: (text: string) => void;
  readonly onChoose: (choice: number) => void;
}

export const TokenCard = memo(function TokenCard({
  title = t.token.label,
  inspection,
  choice,
  fieldRef,
  onChange,
  onChoose,
}: TokenCardProps) {
  const { pasted, parts, faults, form, foreign, located } = inspection;
  const marks = useMemo(() => tokenMarks(inspection), [inspection]);
  const describedBy = useId();
  const show = ({ start, end }: Span) => {
    fieldRef.current?.focus();
    fieldRef.current?.setSelectionRange(start, end);
  };
  return (
    <Card
      title={title}
      className="token-card"
      aside={
        <>
          <CopyButton text={located?.token ?? ''} />
          <Button className="quiet" isDisabled={pasted === ''} onPress={() => onChange('')}>
            {t.clear}
          </Button>
        </>
      }
    >
      <CodeField
        label={title}
        value={pasted}
        marks={marks}
        placeholder={t.pastePrompt}
        describedBy={describedBy}
        invalid={faults.some(({ severity }) => severity === 'error')}
        minimumRows={7}
        fieldRef={fieldRef}
        onChange={onChange}
      />
      <Candidates inspection={inspection} choice={choice} onChoose={onChoose} />
      {parts.length > 0 && (
        <ul className="legend" aria-label={t.token.legend}>
          {shortLegend(inspection).map(({ name, count, length, start }) => (
            <li key={start} className={`legend-item part-${name}`}>
              <span className="legend-name">{t.parts[name]}</span>
              {count > 1 && <span className="legend-count">×{count}</span>}
              <span className="legend-size">{t.bytes(length)}</span>
            </li>
          ))}
        </ul>
      )}
      <div id={describedBy} className="explanation" aria-live="polite">
        {located !== undefined && located.wrapper !== 'none' && <p className="remark">{WRAPPERS[located.wrapper]}</p>}
        {form === 'foreign' && foreign !== undefined && (
          <Callout tone="warning" title={FOREIGN[foreign].title}>
            {FOREIGN[foreign].detail}
          </Callout>
        )}
        {form !== 'foreign' && form !== 'empty' && faults.length === 0 && (
          <Callout tone="good" title={`${FORMS[form]}. ${t.faults.none}.`}>
            {t.faults.noneDetail}
          </Callout>
        )}
        {faults.length > 0 && <FaultList faults={faults} onShow={show} />}
      </div>
    </Card>
  );
});

function Candidates({ inspection, choice, onChoose }: Pick<TokenCardProps, 'inspection' | 'choice' | 'onChoose'>) {
  const { candidates, signatures } = inspection;
  const count = Math.max(candidates.length, signatures);
  if (count < 2) return null;
  const several = candidates.length > 1 ? t.token.several(count) : t.token.severalSignatures(count);
  const chosen = Math.min(choice, count - 1);
  return (
    <div className="candidates" role="group" aria-label={several}>
      <span className="remark">{several}</span>
      {Array.from({ length: count }, (_, index) => (
        <Button
          key={index}
          className={`chip${index === chosen ? ' chip-on' : ''}`}
          aria-pressed={index === chosen}
          onPress={() => onChoose(index)}
        >
          {candidates.length > 1 ? t.token.nth(index, candidates[index]?.label) : t.token.signatureNth(index)}
        </Button>
      ))}
    </div>
  );
}

/** One entry for each part; those of one kind (disclosures) together. */
function shortLegend({ parts }: Inspection) {
  const entries = Map.groupBy(parts, ({ name }) => name);
  return Array.from(entries, ([name, group]) => ({
    name,
    count: group.length,
    length: group.reduce((sum, { bytes, text }) => sum + (bytes.length || text.length), 0),
    start: group[0]?.span.start ?? 0,
  }));
}

function tokenMarks({ parts, faults, located, pasted }: Inspection): Mark[] {
  const marks: Mark[] = parts.map(({ name, span }) => ({
    start: span.start,
    end: span.end,
    className: `part-${name}`,
  }));
  const whole = located === undefined ? 0 : located.place(located.token.length) - located.place(0);
  if (parts.length > 0 && located !== undefined) {
    const start = located.place(0);
    const end = located.place(located.token.length);
    if (start > 0) marks.push({ start: 0, end: start, className: 'around' });
    if (end < pasted.length) marks.push({ start: end, end: pasted.length, className: 'around' });
  }
  for (const { span, severity } of faults) {
    // A mark over everything would point nowhere.
    if (span !== undefined && severity !== 'note' && span.end - span.start < Math.max(whole * 0.5, 2)) {
      marks.push({ start: span.start, end: span.end, className: `fault-${severity}` });
    }
  }
  return marks;
}
