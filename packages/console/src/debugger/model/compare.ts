/**
 * Two tokens side by side: for each header parameter and claim, whether it is the same, changed, or only in one of them.
 *
 * Objects are compared member by member; lists that are sets (`aud`, `roles`, `scope` and the like) by what was added and removed.
 */
import type { JsonNode } from './json-scan.ts';
import { compactNode } from './json-value.ts';

export type Change = 'same' | 'changed' | 'only-left' | 'only-right';

export interface Difference {
  /** Member names from the root. */
  readonly path: readonly string[];
  readonly change: Change;
  readonly left: JsonNode | undefined;
  readonly right: JsonNode | undefined;
  /** For sets: what only one side has. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

const MAXIMUM_DIFFERENCES = 500;

/** The differences of two JSON values, those of equal members included, in the order of the left and then of the right. */
export function compareJson(left: JsonNode | undefined, right: JsonNode | undefined): Difference[] {
  const found: Difference[] = [];
  walk(left, right, [], found);
  return found.slice(0, MAXIMUM_DIFFERENCES);
}

function walk(
  left: JsonNode | undefined,
  right: JsonNode | undefined,
  path: readonly string[],
  found: Difference[],
): void {
  if (found.length > MAXIMUM_DIFFERENCES) return;
  const isRoot = path.length === 0;
  if (left?.type === 'object' && (right?.type === 'object' || (isRoot && right === undefined))) {
    return walkMembers(left, right, path, found);
  }
  if (isRoot && left === undefined && right?.type === 'object') return walkMembers(left, right, path, found);
  if (left === undefined && right === undefined) return undefined;
  const change =
    left === undefined ? 'only-right' : right === undefined ? 'only-left' : same(left, right) ? 'same' : 'changed';
  const name = path.at(-1) ?? '';
  const [before, after] = [left && wordsOf(left, name), right && wordsOf(right, name)];
  const isSets = change === 'changed' && before !== undefined && after !== undefined;
  const removed = isSets ? before.filter((item) => !after.includes(item)) : [];
  const added = isSets ? after.filter((item) => !before.includes(item)) : [];
  found.push({ path, change, left, right, removed, added });
  return undefined;
}

function walkMembers(
  left: JsonNode | undefined,
  right: JsonNode | undefined,
  path: readonly string[],
  found: Difference[],
): void {
  const membersOf = (node: JsonNode | undefined) =>
    new Map(node?.type === 'object' ? node.members.map(({ name, value }) => [name, value]) : []);
  const [before, after] = [membersOf(left), membersOf(right)];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    walk(before.get(name), after.get(name), [...path, name], found);
  }
}

/** Equal as JSON: the order of members does not matter, the spelling of numbers does not either. */
function same(left: JsonNode, right: JsonNode): boolean {
  if (left.type === 'number' && right.type === 'number') return Object.is(left.value, right.value);
  if (left.type === 'array' && right.type === 'array') {
    return (
      left.items.length === right.items.length &&
      left.items.every((item, index) => {
        const other = right.items[index];
        return other !== undefined && same(item, other);
      })
    );
  }
  if (left.type === 'object' && right.type === 'object') {
    if (left.members.length !== right.members.length) return false;
    return left.members.every(({ name, value }) => {
      const other = right.members.find((each) => each.name === name);
      return other !== undefined && same(value, other.value);
    });
  }
  return compactNode(left) === compactNode(right);
}

/** A list of strings, or the words of `scope`; `undefined` for anything else. */
export function wordsOf(node: JsonNode, name: string): readonly string[] | undefined {
  if (node.type === 'string') return name === 'scope' ? node.value.split(' ') : undefined;
  if (node.type !== 'array') return undefined;
  const strings = node.items.flatMap((item) => (item.type === 'string' ? [item.value] : []));
  return strings.length === node.items.length ? strings : undefined;
}
