/**
 * Finds the most specific pattern for a path: a tree of segments.
 *
 * At each segment a literal is tried before `*`, and `*` before `**`, from left to right; so the order in which patterns were
 * added never matters. Knows nothing of methods and headers: those are the business of `route-table.ts`.
 */
import type { PathPattern } from './pattern.ts';

interface Node<Value> {
  readonly literals: Map<string, Node<Value>>;
  any: Node<Value> | undefined;
  /** Value of the pattern that ends here. */
  exact: Value | undefined;
  /** Value of the pattern that ends here in `**`. */
  rest: Value | undefined;
}

const createNode = <Value>(): Node<Value> => ({
  literals: new Map(),
  any: undefined,
  exact: undefined,
  rest: undefined,
});

export class PathTree<Value> {
  readonly #root = createNode<Value>();

  /** The value of a pattern, made by `create` the first time. */
  at(pattern: PathPattern, create: () => Value): Value {
    let node = this.#root;
    for (const segment of pattern.segments) {
      if (segment === '*') {
        node = node.any ??= createNode();
        continue;
      }
      let next = node.literals.get(segment);
      if (next === undefined) node.literals.set(segment, (next = createNode()));
      node = next;
    }
    return pattern.rest ? (node.rest ??= create()) : (node.exact ??= create());
  }

  /** @param path - Canonical path, beginning with `/`. */
  find(path: string): Value | undefined {
    return search(this.#root, path, 1);
  }

  /** The values of all patterns that have this path, the most specific first. */
  findAll(path: string): Generator<Value> {
    return searchAll(this.#root, path, 1);
  }
}

function search<Value>(node: Node<Value>, path: string, start: number): Value | undefined {
  // At the end, or at the one trailing slash a canonical path may have.
  if (start >= path.length) return node.exact ?? node.rest;
  let end = path.indexOf('/', start);
  if (end === -1) end = path.length;
  const literal = node.literals.get(path.slice(start, end));
  if (literal !== undefined) {
    const found = search(literal, path, end + 1);
    if (found !== undefined) return found;
  }
  if (node.any !== undefined) {
    const found = search(node.any, path, end + 1);
    if (found !== undefined) return found;
  }
  return node.rest;
}

/** {@link search}, going on where it stops. */
function* searchAll<Value>(node: Node<Value>, path: string, start: number): Generator<Value> {
  if (start >= path.length) {
    if (node.exact !== undefined) yield node.exact;
  } else {
    let end = path.indexOf('/', start);
    if (end === -1) end = path.length;
    const literal = node.literals.get(path.slice(start, end));
    if (literal !== undefined) yield* searchAll(literal, path, end + 1);
    if (node.any !== undefined) yield* searchAll(node.any, path, end + 1);
  }
  if (node.rest !== undefined) yield node.rest;
}
