/** Two tokens side by side, and what differs between them. */
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { Button, Checkbox } from 'react-aria-components';
import { type Difference, compareJson, wordsOf } from '../model/compare.ts';
import { type Inspection, inspect } from '../model/inspect.ts';
import { formatDuration } from '../model/time.ts';
import { t } from '../strings/page.ts';
import { Callout, Card } from './controls.tsx';
import { TokenCard } from './token-card.tsx';
import { type TimeView, Value } from './value.tsx';

interface CompareViewProps {
  readonly left: string;
  readonly right: string;
  readonly inspected: string;
  readonly time: TimeView;
  readonly onChange: (left: string, right: string) => void;
}

export function CompareView({ left, right, inspected, time, onChange }: CompareViewProps) {
  const [onlyDifferences, setOnlyDifferences] = useState(true);
  const [first, second] = [useMemo(() => inspect(left), [left]), useMemo(() => inspect(right), [right])];
  const fields = [useRef<HTMLTextAreaElement>(null), useRef<HTMLTextAreaElement>(null)] as const;
  const differences = useMemo(() => compareTokens(first, second), [first, second]);
  const count = differences.filter(({ change }) => change !== 'same').length;
  const shown = onlyDifferences ? differences.filter(({ change }) => change !== 'same') : differences;
  const isReady = first.form !== 'empty' && second.form !== 'empty';
  return (
    <div className="compare">
      <div className="compare-bar">
        <p className="remark">{t.compare.intro}</p>
        <Button className="button" isDisabled={inspected === ''} onPress={() => onChange(inspected, right)}>
          {t.compare.fromInspect}
        </Button>
        <Button className="button" onPress={() => onChange(right, left)}>
          {t.compare.swap}
        </Button>
      </div>
      <div className="compare-fields">
        <TokenCard
          title={t.compare.left}
          inspection={first}
          choice={0}
          fieldRef={fields[0]}
          onChange={(text) => onChange(text, right)}
          onChoose={() => undefined}
        />
        <TokenCard
          title={t.compare.right}
          inspection={second}
          choice={0}
          fieldRef={fields[1]}
          onChange={(text) => onChange(left, text)}
          onChoose={() => undefined}
        />
      </div>
      <Card
        title={isReady ? t.compare.count(count) : t.compare.table}
        aside={
          <Checkbox className="check" isSelected={onlyDifferences} onChange={setOnlyDifferences}>
            <span aria-hidden="true" className="check-box" />
            {t.compare.onlyDifferences}
          </Checkbox>
        }
      >
        <div className="stack pad" aria-live="polite">
          {verdictOf(first, second, count, isReady)}
        </div>
        {isReady && shown.length > 0 && <DifferenceTable differences={shown} time={time} />}
      </Card>
    </div>
  );
}

function verdictOf(first: Inspection, second: Inspection, count: number, isReady: boolean): ReactNode {
  if (!isReady) return <p className="remark">{t.compare.empty}</p>;
  if (first.header === undefined || second.header === undefined) {
    return <Callout tone="warning" title={t.compare.unreadable} />;
  }
  if (first.located?.token === second.located?.token) return <Callout tone="good" title={t.compare.identical} />;
  return count === 0 ? <Callout tone="note" title={t.compare.sameContent} /> : null;
}

/** Header and claims, each path under the name of its part. */
function compareTokens(first: Inspection, second: Inspection): Difference[] {
  const under = (part: 'header' | 'payload') =>
    compareJson(first[part]?.node, second[part]?.node).map(({ path, change, left, right, removed, added }) => ({
      path: [part, ...path],
      change,
      left,
      right,
      removed,
      added,
    }));
  return [...under('header'), ...under('payload')];
}

function DifferenceTable({
  differences,
  time,
}: {
  readonly differences: readonly Difference[];
  readonly time: TimeView;
}) {
  return (
    <table className="claims differences">
      <caption className="hidden">{t.compare.table}</caption>
      <thead>
        <tr>
          <th scope="col">{t.compare.where}</th>
          <th scope="col">{t.compare.left}</th>
          <th scope="col">{t.compare.right}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ path, change, left, right, removed, added }) => {
          const name = path.at(-1) ?? '';
          return (
            <tr key={path.join('/')} className={`change-${change}`}>
              <th scope="row">
                <span className={`path-part path-${path[0]}`}>{path[0] === 'header' ? t.header : t.claims}</span>
                <span className="path-name">{path.slice(1).join(' › ').slice(0, 200)}</span>
                <span className="path-change">{t.compare.changes[change]}</span>
              </th>
              <td className="cell-value">
                <Side name={name} node={left} marked={removed} sign="−" time={time} />
              </td>
              <td className="cell-value">
                <Side name={name} node={right} marked={added} sign="+" time={time} />
                <Shift left={left} right={right} name={name} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface SideProps {
  readonly name: string;
  readonly node: Difference['left'];
  /** The words that only this side has. */
  readonly marked: readonly string[];
  readonly sign: string;
  readonly time: TimeView;
}

/** A value; of a set that changed, its words with those marked that the other side lacks. */
function Side({ name, node, marked, sign, time }: SideProps) {
  if (node === undefined) return null;
  const words = wordsOf(node, name);
  if (marked.length === 0 || words === undefined) return <Value name={name} node={node} time={time} />;
  return (
    <ul className="words">
      {words.slice(0, 60).map((word, index) => {
        const isMarked = marked.includes(word);
        return (
          <li
            key={`${index} ${word}`}
            className={`word ${isMarked ? (sign === '+' ? 'word-added' : 'word-removed') : ''}`}
          >
            {isMarked ? `${sign} ` : ''}
            {word.slice(0, 200)}
          </li>
        );
      })}
    </ul>
  );
}

const TIMES = new Set(['exp', 'nbf', 'iat', 'auth_time']);

/** How much later or earlier a time is. */
function Shift({ left, right, name }: Pick<Difference, 'left' | 'right'> & { readonly name: string }) {
  if (!TIMES.has(name) || left?.type !== 'number' || right?.type !== 'number' || left.value === right.value)
    return null;
  const text = formatDuration(right.value - left.value);
  return <span className="shift">{right.value > left.value ? t.compare.later(text) : t.compare.earlier(text)}</span>;
}
