/** A configuration schema as Markdown: for each key its type, default, bounds and meaning. Generates `docs/config.md`. */
import type * as z from 'zod';
import { alternatives, configJsonSchema } from './json-schema.ts';
import type { ConfigJsonSchema } from './json-schema.ts';
import { describeSchema } from './schema-issues.ts';

interface Row {
  readonly key: string;
  readonly schema: ConfigJsonSchema;
  readonly required: boolean;
}

/** One table for each mapping, outermost first; the heading is the path of the mapping, `<name>` standing for a chosen name. */
export function renderConfigDocs(schema: z.ZodType): string {
  const sections: string[] = [];
  renderMapping(configJsonSchema(schema), '', sections);
  return `${sections.join('\n\n')}\n`;
}

function renderMapping(schema: ConfigJsonSchema, path: string, sections: string[]): void {
  const rows = rowsOf(schema);
  if (rows.length > 0) {
    const title = path === '' ? 'Top level' : `\`${path}\``;
    const intro = schema.description === undefined || path === '' ? [] : [schema.description, ''];
    const lines = rows.map((row) => renderRow(row));
    const table = ['| key | takes | default | meaning |', '|---|---|---|---|', ...lines];
    sections.push([`## ${title}`, '', ...intro, ...table].join('\n'));
  }
  for (const row of rows) {
    const inner = path === '' ? row.key : `${path}.${row.key}`;
    for (const choice of alternatives(row.schema)) renderNested(choice, inner, row.schema.description, sections);
  }
}

function renderNested(
  schema: ConfigJsonSchema,
  path: string,
  description: string | undefined,
  sections: string[],
): void {
  const described = description === undefined ? schema : { ...schema, description: schema.description ?? description };
  if (schema.properties !== undefined) renderMapping(described, path, sections);
  if (typeof schema.additionalProperties === 'object') {
    for (const choice of alternatives(schema.additionalProperties)) {
      renderNested(choice, `${path}.<name>`, choice.description ?? description, sections);
    }
  }
  if (schema.items !== undefined) {
    for (const choice of alternatives(schema.items)) {
      renderNested(choice, `${path}[]`, choice.description ?? description, sections);
    }
  }
}

function rowsOf(schema: ConfigJsonSchema): Row[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([key, property]) => ({
    key,
    schema: property,
    required: required.has(key),
  }));
}

function renderRow({ key, schema, required }: Row): string {
  const cells = [`\`${key}\``, takes(schema), defaultOf(schema, required), schema.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function takes(schema: ConfigJsonSchema): string {
  const items = schema.items === undefined ? '' : `, each ${describeSchema(schema.items)}`;
  const bounds = [
    bound('at least', schema['x-min'] ?? schema.minimum ?? schema.minItems ?? schema.minLength),
    bound('at most', schema['x-max'] ?? limit(schema.maximum) ?? schema.maxItems ?? schema.maxLength),
  ].filter((part) => part !== undefined);
  const flag = schema['x-secret'] === true ? ' (`file:PATH` or `env:NAME`)' : '';
  return `${describeSchema(schema)}${items}${bounds.length === 0 ? '' : `, ${bounds.join(', ')}`}${flag}`;
}

/** zod states the largest safe integer for every whole number; that is no bound worth reading. */
function limit(maximum: number | undefined): number | undefined {
  return maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
}

function bound(word: string, value: string | number | undefined): string | undefined {
  return value === undefined || value === Number.MIN_SAFE_INTEGER ? undefined : `${word} ${value}`;
}

function defaultOf(schema: ConfigJsonSchema, required: boolean): string {
  if (required) return 'required';
  if (schema.default === undefined) return 'none';
  return typeof schema.default === 'object' && schema.default !== null && Object.keys(schema.default).length === 0
    ? 'its defaults'
    : `\`${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}\``;
}
