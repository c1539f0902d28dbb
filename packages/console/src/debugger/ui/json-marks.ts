/** Colours for JSON text: names, strings, numbers, words, and the place where it stops being JSON. */
import { type JsonNode, scanJson } from '../model/json-scan.ts';
import type { Mark } from './segments.ts';

export function markJson(text: string): Mark[] {
  const { node, faults } = scanJson(text);
  const marks: Mark[] = [];
  if (node !== undefined) walk(node, marks);
  for (const { at, code, found } of faults.slice(0, 20)) {
    const length = code === 'json-duplicate' ? found.length + 2 : 1;
    marks.push({ start: Math.min(at, text.length - 1), end: at + length, className: 'fault-error' });
  }
  return marks;
}

function walk(node: JsonNode, marks: Mark[]): void {
  if (node.type === 'object') {
    for (const { name, nameStart, value } of node.members) {
      marks.push({ start: nameStart, end: nameStart + JSON.stringify(name).length, className: 'json-name' });
      walk(value, marks);
    }
  } else if (node.type === 'array') for (const item of node.items) walk(item, marks);
  else {
    const className = node.type === 'string' ? 'json-string' : node.type === 'number' ? 'json-number' : 'json-word';
    marks.push({ start: node.start, end: node.end, className });
  }
}
