/**
 * Reading values out of a scanned JSON tree: members by name, plain values, and one-line text.
 *
 * Of members that share a name the last counts, as in `JSON.parse`; that there are two is a fault told elsewhere.
 */
import type { JsonNode } from './json-scan.ts';

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** The member of an object, or `undefined` if the node is no object or has none of that name. */
export function member(node: JsonNode | undefined, name: string): JsonNode | undefined {
  if (node?.type !== 'object') return undefined;
  return node.members.findLast((each) => each.name === name)?.value;
}

/** The value of a member that is a string. */
export function stringMember(node: JsonNode | undefined, name: string): string | undefined {
  const value = member(node, name);
  return value?.type === 'string' ? value.value : undefined;
}

/** The value of a member that is a finite number. */
export function numberMember(node: JsonNode | undefined, name: string): number | undefined {
  const value = member(node, name);
  return value?.type === 'number' && Number.isFinite(value.value) ? value.value : undefined;
}

/** A plain value. Objects have no prototype, so that a member `__proto__` is a member like others. */
export function toPlain(node: JsonNode): Plain {
  if (node.type === 'array') return node.items.map(toPlain);
  if (node.type === 'null') return null;
  if (node.type !== 'object') return node.value;
  const result: Record<string, Plain> = Object.create(null);
  for (const { name, value } of node.members) result[name] = toPlain(value);
  return result;
}

/** JSON text of a node, indented by two; numbers keep the spelling that they came in. */
export function formatNode(node: JsonNode, indent = ''): string {
  const inner = `${indent}  `;
  if (node.type === 'object' && node.members.length > 0) {
    const lines = node.members.map(({ name, value }) => `${inner}${JSON.stringify(name)}: ${formatNode(value, inner)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  if (node.type === 'array' && node.items.length > 0) {
    const items = node.items.map((item) => formatNode(item, inner));
    const isFlat = node.items.every((item) => item.type !== 'object' && item.type !== 'array');
    const line = `[${items.join(', ')}]`;
    return isFlat && line.length <= 60 ? line : `[\n${items.map((item) => inner + item).join(',\n')}\n${indent}]`;
  }
  return compactNode(node);
}

/** JSON text of a node without white space; numbers keep the spelling that they came in. */
export function compactNode(node: JsonNode): string {
  if (node.type === 'object') {
    return `{${node.members.map(({ name, value }) => `${JSON.stringify(name)}:${compactNode(value)}`).join(',')}}`;
  }
  if (node.type === 'array') return `[${node.items.map(compactNode).join(',')}]`;
  if (node.type === 'string') return JSON.stringify(node.value);
  if (node.type === 'number') return node.raw;
  return node.type === 'null' ? 'null' : String(node.value);
}
