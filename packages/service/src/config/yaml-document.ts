/**
 * The plain YAML that a configuration may use: one document of mappings, lists and scalars, with the position of each part.
 *
 * Refused, because they let a file mean something other than it seems to: duplicate keys, anchors and aliases (also the
 * "billion laughs"), merge keys, tags, directives, further documents, keys that are not plain strings. What the keys mean
 * is the schema's business (`load.ts`). JSON is accepted, being YAML.
 */
import { isAlias, isCollection, isMap, isPair, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Document, Node, YAMLParseError } from 'yaml';
import { ConfigError, jsonPointer } from './config-error.ts';
import type { ConfigIssue } from './config-error.ts';

const TOO_DEEP = 'the file is nested too deeply';

/** One slip of syntax makes many errors; the first few show it. */
const MOST_SYNTAX_ISSUES = 3;

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface YamlDocument {
  /** Plain values: null, booleans, numbers, strings, arrays and objects. */
  readonly value: unknown;
  /** Where the value at `path` stands, or the nearest part around it that exists. */
  locateValue(path: readonly PropertyKey[]): Position;
  /** Where the key of the member at `path` stands. */
  locateKey(path: readonly PropertyKey[]): Position;
}

/**
 * @param text - The file's text.
 * @param file - Its name, for the error.
 * @throws {ConfigError} `yaml_invalid`, with every breach found.
 */
export function parseYamlDocument(text: string, file: string): YamlDocument {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fail = (issues: readonly ConfigIssue[]) => new ConfigError('yaml_invalid', file, issues);
  const documents = parseOrFail(text, lines, fail);
  const document = documents[0];
  if (document === undefined) throw fail([issue({ line: 1, column: 1 }, 'the file is empty')]);

  const issues = document.errors.slice(0, MOST_SYNTAX_ISSUES).map((error) => issue(at(error.pos[0]), describe(error)));
  // The tree is only worth a look if it could be read.
  if (issues.length === 0) issues.push(...forbiddenParts(document, at));
  const second = documents[1];
  if (second !== undefined) {
    issues.push(issue(at(second.range[0]), 'a configuration is one document', 'remove the "---" and what follows'));
  }
  if (issues.length > 0) throw fail(issues);
  if (document.contents === null) throw fail([issue({ line: 1, column: 1 }, 'the file is empty')]);

  return {
    value: document.toJS(),
    locateValue: (path) => at(nearestNode(document, path)?.range?.[0] ?? 0),
    locateKey: (path) => at(keyOffset(document, path) ?? nearestNode(document, path)?.range?.[0] ?? 0),
  };
}

function parseOrFail(
  text: string,
  lines: LineCounter,
  fail: (issues: ConfigIssue[]) => ConfigError,
): Document.Parsed[] {
  try {
    const parsed = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      merge: false,
      resolveKnownTags: false,
    });
    return 'empty' in parsed ? [] : parsed;
  } catch (error) {
    // The parser recurses: a file of nothing but brackets ends here, or as one of its own errors.
    if (error instanceof RangeError) throw fail([issue({ line: 1, column: 1 }, TOO_DEEP)]);
    throw error;
  }
}

function forbiddenParts(document: Document.Parsed, at: (offset: number) => Position): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const refuse = (node: Node, message: string, suggestion?: string) =>
    issues.push(issue(at(node.range?.[0] ?? 0), message, suggestion));
  if (document.directives?.yaml.explicit === true || Object.keys(document.directives?.tags ?? {}).length > 1) {
    issues.push(issue({ line: 1, column: 1 }, 'directives ("%...") are not accepted', 'remove the line'));
  }
  visit(document, (_key, node) => {
    if (isAlias(node)) refuse(node, 'aliases ("*...") are not accepted', 'write the value out');
    else if (isScalar(node) || isCollection(node)) {
      if (node.anchor !== undefined) refuse(node, 'anchors ("&...") are not accepted', 'write the value out');
      if (node.tag !== undefined) refuse(node, 'tags ("!...") are not accepted', 'write a plain value');
    }
    if (isPair(node) && isScalar(node.key)) {
      if (node.key.value === '<<') refuse(node.key, 'merge keys ("<<") are not accepted', 'write the keys out');
      if (node.key.value === '__proto__') refuse(node.key, 'this key is not accepted');
    }
  });
  return issues;
}

/** The node at `path`, or the last one on the way to it. */
function nearestNode(document: Document.Parsed, path: readonly PropertyKey[]): Node | undefined {
  let node: Node | null = document.contents;
  for (const part of path) {
    if (!isCollection(node)) break;
    const child: unknown = node.get(part, true);
    if (!isScalar(child) && !isCollection(child)) break;
    node = child;
  }
  return node ?? undefined;
}

function keyOffset(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  return pair !== undefined && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
}

function issue(position: Position, message: string, suggestion?: string): ConfigIssue {
  return { path: jsonPointer([]), ...position, message, suggestion };
}

function describe({ code, message }: YAMLParseError): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice';
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP;
  return message.charAt(0).toLowerCase() + message.slice(1);
}
