/**
 * `when`: a condition in the Common Expression Language over `claims` and `request`, compiled once.
 *
 * Parsed and type-checked when a policy is made; what is left for a request is bounded: no loops but one pass over a list, no
 * nesting of such passes, no regular expressions (JavaScript's can take exponential time on what a client sends). Whatever
 * goes wrong while it is evaluated, such as a missing claim, denies.
 */
import { Environment, type ASTNode, type SourceRange } from '@marcbachmann/cel-js';
import { GuardError } from '../errors.ts';
import type { VerifiedClaims } from './principal.ts';
import { RequestView } from './request-view.ts';

/** The answer of a condition. */
export type ConditionOutcome = { readonly held: boolean; readonly why: string };

export interface Condition {
  /** As it was written. */
  readonly text: string;
  /** Never throws. */
  evaluate(claims: VerifiedClaims, request: RequestView): ConditionOutcome;
}

const MAX_CHARS = 4096;

const language = new Environment({
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 1000, maxDepth: 64, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 8 },
})
  .registerType('Request', {
    ctor: RequestView,
    fields: { method: 'string', path: 'string', headers: 'map<string, string>', query: 'map<string, string>' },
  })
  .registerVariable('claims', 'map<string, dyn>')
  .registerVariable('request', 'Request');

/** Macros that look at every element. */
const PASSES: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

const HELD: ConditionOutcome = Object.freeze({ held: true, why: 'the condition holds' });
const NOT_HELD: ConditionOutcome = Object.freeze({ held: false, why: 'the condition does not hold' });

/**
 * @param path - Where the condition was written, for the error.
 * @throws {GuardError} `policy_invalid` with line and column.
 */
export function compileCondition(text: string, path: string): Condition {
  if (typeof text !== 'string' || text.length > MAX_CHARS) {
    throw new GuardError('policy_invalid', { path, detail: `must be a string of at most ${MAX_CHARS} characters` });
  }
  const checked = language.check(text);
  if (!checked.valid) {
    const { error } = checked;
    throw fault(text, path, error?.summary ?? 'is not an expression', error?.range);
  }
  if (checked.type !== 'bool' && checked.type !== 'dyn') {
    throw fault(text, path, `is a ${checked.type}; a condition must be true or false`, undefined);
  }
  const run = language.parse(text);
  assertBounded(run.ast, text, path, false);
  return {
    text,
    evaluate(claims, request) {
      try {
        const result: unknown = run({ claims, request });
        if (result === true) return HELD;
        return result === false ? NOT_HELD : { held: false, why: 'the condition is neither true nor false' };
      } catch (error) {
        return { held: false, why: `the condition cannot be evaluated: ${summaryOf(error)}` };
      }
    },
  };
}

function assertBounded(node: ASTNode, text: string, path: string, insidePass: boolean): void {
  let inside = insidePass;
  if (node.op === 'rcall' || node.op === 'call') {
    const [name] = node.args;
    if (name === 'matches') {
      const advice =
        '`matches` is not available, as its time cannot be bounded; use ==, in, startsWith, endsWith or contains';
      throw fault(text, path, advice, node.range);
    }
    if (node.op === 'rcall' && PASSES.has(name)) {
      if (insidePass) throw fault(text, path, `\`${name}\` cannot stand within another pass over a list`, node.range);
      inside = true;
    }
  }
  for (const child of childrenOf(node.args)) assertBounded(child, text, path, inside);
}

/** The nodes in the arguments of a node, which are nodes, names, and lists of them. */
function* childrenOf(args: unknown): Generator<ASTNode> {
  if (Array.isArray(args)) for (const item of args) yield* childrenOf(item);
  else if (isNode(args)) yield args;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function fault(text: string, path: string, detail: string, range: SourceRange | undefined): GuardError {
  if (range === undefined) return new GuardError('policy_invalid', { path, detail });
  const before = text.slice(0, range.start).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return new GuardError('policy_invalid', { path, detail: `${detail} (${place})` });
}

/** Without the highlighted excerpt that the library adds. */
function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
}
