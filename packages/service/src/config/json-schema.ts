/**
 * A configuration schema as JSON Schema (2020-12), for editors, for the generated docs, and for suggestions: one description of
 * every key, taken from the zod schema that checks it. Own facts are members that start with `x-`: `x-kind` (duration, size,
 * secret, ...), `x-min`, `x-max`, `x-secret`.
 */
import * as z from 'zod';

/** The members of JSON Schema that zod emits for a configuration, and our own. */
export interface ConfigJsonSchema {
  readonly $schema?: string;
  /** Only where a schema contains itself, as that of any JSON value does. */
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, ConfigJsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | ConfigJsonSchema;
  readonly propertyNames?: ConfigJsonSchema;
  readonly items?: ConfigJsonSchema;
  readonly anyOf?: readonly ConfigJsonSchema[];
  readonly oneOf?: readonly ConfigJsonSchema[];
  readonly allOf?: readonly ConfigJsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly 'x-kind'?: string;
  readonly 'x-min'?: string;
  readonly 'x-max'?: string;
  readonly 'x-secret'?: boolean;
}

/** What a file may hold, before defaults are filled in. */
export function configJsonSchema(schema: z.ZodType, title?: string): ConfigJsonSchema {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', cycles: 'ref' });
  // Round trip: drops what zod attaches beside the schema, and members that are undefined.
  const plain: ConfigJsonSchema = JSON.parse(JSON.stringify(json));
  return title === undefined ? plain : { ...plain, title };
}

/** Every schema that may describe the value at `path`: one, or several where alternatives allow it. */
export function schemasAt(root: ConfigJsonSchema, path: readonly PropertyKey[]): readonly ConfigJsonSchema[] {
  let found = alternatives(root);
  for (const part of path) found = found.flatMap((schema) => child(schema, part)).flatMap(alternatives);
  return found;
}

/** A schema, or the schemas it is a choice of. */
export function alternatives(schema: ConfigJsonSchema): readonly ConfigJsonSchema[] {
  const choices = schema.anyOf ?? schema.oneOf;
  return choices === undefined ? [schema] : choices.flatMap(alternatives);
}

function child(schema: ConfigJsonSchema, part: PropertyKey): readonly ConfigJsonSchema[] {
  if (typeof part === 'number') return schema.items === undefined ? [] : [schema.items];
  const named = schema.properties?.[String(part)];
  if (named !== undefined) return [named];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}
