/**
 * What zod found wrong, in the terms of whoever wrote the file: key names, what was expected, what was probably meant.
 *
 * Never a value: a secret may stand in the wrong place. Only the names of keys and the kind of a value are repeated.
 */
import type * as z from 'zod';
import { alternatives, schemasAt } from './json-schema.ts';
import type { ConfigJsonSchema } from './json-schema.ts';
import { suggestName } from './suggest.ts';

/** An issue before it has a position in the file. */
export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  /** Whether it is the key at `path` that is wrong, and not its value. */
  readonly onKey: boolean;
  readonly message: string;
  readonly suggestion: string | undefined;
}

type ZodIssue = z.core.$ZodIssue;

/**
 * @param issues - As zod reports them.
 * @param value - What was checked.
 * @param schema - The schema it was checked against, as JSON Schema.
 */
export function describeIssues(issues: readonly ZodIssue[], value: unknown, schema: ConfigJsonSchema): SchemaIssue[] {
  return issues.flatMap((issue) => describeIssue(issue, issue.path, value, schema));
}

function describeIssue(
  issue: ZodIssue,
  path: readonly PropertyKey[],
  value: unknown,
  schema: ConfigJsonSchema,
): SchemaIssue[] {
  const say = (message: string, suggestion?: string): SchemaIssue[] => [{ path, onKey: false, message, suggestion }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], schema));
    case 'invalid_type':
    case 'invalid_value':
      return wrongValue(path, value, schema);
    case 'invalid_union':
      return describeUnion(issue, path, value, schema);
    case 'invalid_key': {
      const [first] = issue.issues;
      const message =
        first?.code === 'custom' ? first.message : `this name may not be used: ${reason(first, schema, path)}`;
      return [{ path, onKey: true, message, suggestion: undefined }];
    }
    case 'too_small':
      return say(`must ${amount(issue.origin, 'at least', Number(issue.minimum), issue.inclusive ?? true)}`);
    case 'too_big':
      return say(`must ${amount(issue.origin, 'at most', Number(issue.maximum), issue.inclusive ?? true)}`);
    case 'custom': {
      const suggestion: unknown = issue.params?.['suggestion'];
      return say(lowerFirst(issue.message), typeof suggestion === 'string' ? suggestion : undefined);
    }
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_element':
      return say(lowerFirst(issue.message));
    default:
      return issue satisfies never;
  }
}

function unknownKey(path: readonly PropertyKey[], schema: ConfigJsonSchema): SchemaIssue {
  const name = String(path.at(-1));
  const known = schemasAt(schema, path.slice(0, -1)).flatMap((at) => Object.keys(at.properties ?? {}));
  const near = suggestName(name, known);
  const suggestion =
    near === undefined ? `the keys here are ${[...new Set(known)].join(', ')}` : `did you mean "${near}"?`;
  return {
    path,
    onKey: true,
    message: `unknown key "${name}"`,
    suggestion: known.length === 0 ? undefined : suggestion,
  };
}

function wrongValue(path: readonly PropertyKey[], root: unknown, schema: ConfigJsonSchema): SchemaIssue[] {
  const value = valueAt(root, path);
  const expected = schemasAt(schema, path);
  const wanted = [...new Set(expected.map(describeSchema))].join(' or ');
  if (value === undefined) {
    const message = `the key "${String(path.at(-1))}" is missing; it takes ${wanted}`;
    return [{ path, onKey: false, message, suggestion: undefined }];
  }
  const names = expected.flatMap((at) => at.enum ?? (at.const === undefined ? [] : [at.const])).map(String);
  const near = typeof value === 'string' ? suggestName(value, names) : undefined;
  const message =
    names.length > 0 && typeof value === 'string' ? `expected ${wanted}` : `expected ${wanted}, got ${kindOf(value)}`;
  const suggestion = near === undefined ? unitHint(value, expected) : `did you mean "${near}"?`;
  return [{ path, onKey: false, message, suggestion }];
}

function unitHint(value: unknown, expected: readonly ConfigJsonSchema[]): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (expected.some((at) => at['x-kind'] === 'duration')) return 'add the unit, as in "10s"';
  return expected.some((at) => at['x-kind'] === 'size') ? 'add the unit, as in "10kb"' : undefined;
}

/** Of several alternatives, the one that came furthest is what the writer meant. */
function describeUnion(
  issue: Extract<ZodIssue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
  value: unknown,
  schema: ConfigJsonSchema,
): SchemaIssue[] {
  const branches = issue.errors.filter((errors) => !errors.every((error) => isWrongKind(error)));
  const best = branches.toSorted((a, b) => deepest(b) - deepest(a) || a.length - b.length)[0];
  if (best === undefined) return wrongValue(path, value, schema);
  return best.flatMap((error) => describeIssue(error, [...path, ...error.path], value, schema));
}

function isWrongKind(issue: ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function deepest(issues: readonly ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function reason(issue: ZodIssue | undefined, schema: ConfigJsonSchema, path: readonly PropertyKey[]): string {
  const pattern = schemasAt(schema, path.slice(0, -1)).map((at) => at.propertyNames?.pattern)[0];
  return pattern === undefined ? lowerFirst(issue?.message ?? 'not a valid name') : `it must match ${pattern}`;
}

function amount(origin: string, bound: string, limit: number, inclusive: boolean): string {
  const exactly = inclusive ? bound : bound === 'at least' ? 'more than' : 'less than';
  if (origin === 'string') return `have ${exactly} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `have ${exactly} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  if (origin === 'object' || origin === 'map') return `have ${exactly} ${limit} ${limit === 1 ? 'key' : 'keys'}`;
  return `be ${exactly} ${limit}`;
}

/** What a key takes, in a few words: `a duration`, `a list`, `one of "push", "none"`. */
export function describeSchema(schema: ConfigJsonSchema): string {
  // Only the schema of all JSON values refers to itself.
  if (schema.$ref !== undefined) return 'any value';
  const choices = alternatives(schema);
  if (choices.length > 1) return [...new Set(choices.map(describeSchema))].join(' or ');
  const kind = schema['x-kind'];
  if (kind !== undefined) return `${/^[aeiou]/u.test(kind) ? 'an' : 'a'} ${kind}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return `one of ${schema.enum.map((name) => JSON.stringify(name)).join(', ')}`;
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    object: 'a mapping',
    array: 'a list',
    null: 'null',
  };
  return names[schema.type ?? ''] ?? 'a value';
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'boolean') return 'true or false';
  return Number.isInteger(value) ? 'a whole number' : 'a number with a fraction';
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
