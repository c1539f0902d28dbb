/** A JSON value as people read it: times as times, lists as words, the rest as JSON. Always text, never markup. */
import type { JsonNode } from '../model/json-scan.ts';
import { formatNode } from '../model/json-value.ts';
import { type TimeFormat, describeTime, isTime } from '../model/time.ts';

export interface TimeView {
  readonly nowSeconds: number;
  readonly format: TimeFormat;
}

const TIMES = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at']);
const MAXIMUM_TEXT = 4000;
const MAXIMUM_WORDS = 60;

export function Value({
  name,
  node,
  time,
}: {
  readonly name: string;
  readonly node: JsonNode;
  readonly time: TimeView;
}) {
  if (node.type === 'number' && TIMES.has(name) && isTime(node.value)) {
    const { main, other } = describeTime(node.value, time.nowSeconds, time.format);
    return (
      <div className="value value-time">
        <span className="value-main">{main}</span>
        <span className="value-other">{other}</span>
        <span className="value-raw">{node.raw}</span>
      </div>
    );
  }
  const words = asWords(name, node);
  if (words !== undefined) {
    return (
      <ul className="value words">
        {words.map((word, index) => (
          <li key={`${index} ${word}`} className="word">
            {word}
          </li>
        ))}
      </ul>
    );
  }
  const isNested = node.type === 'object' || node.type === 'array';
  const text = node.type === 'string' ? node.value : formatNode(node);
  const shown = text.length > MAXIMUM_TEXT ? `${text.slice(0, MAXIMUM_TEXT)}…` : text;
  return <div className={`value value-${isNested ? 'nested' : node.type}`}>{shown === '' ? '""' : shown}</div>;
}

function asWords(name: string, node: JsonNode): readonly string[] | undefined {
  if (node.type === 'string' && name === 'scope' && node.value.includes(' '))
    return node.value.split(' ').slice(0, MAXIMUM_WORDS);
  if (node.type !== 'array' || node.items.length === 0 || node.items.length > MAXIMUM_WORDS) return undefined;
  const words = node.items.flatMap((item) => (item.type === 'string' && item.value.length < 200 ? [item.value] : []));
  return words.length === node.items.length ? words : undefined;
}
