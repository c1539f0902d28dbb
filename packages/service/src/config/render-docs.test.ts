import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { byteSize } from './byte-size.ts';
import { duration } from './duration.ts';
import { configJsonSchema } from './json-schema.ts';
import { renderConfigDocs } from './render-docs.ts';
import { secret } from './secret.ts';

const schema = z.strictObject({
  version: z.literal(1).describe('Format of this file.'),
  claims: z.record(z.string(), z.json()).optional().describe('What must stand where.'),
  value: z.json().optional().describe('Anything.'),
  gateway: z
    .strictObject({
      timeout: duration({ min: '1s', max: '1h' }).prefault('5s').describe('Longest wait.'),
      bodyLimit: byteSize().optional().describe('Largest body | in bytes.'),
      workers: z.int().min(1).max(64).default(1).describe('Processes.'),
      routes: z
        .array(z.strictObject({ path: z.string().describe('Pattern.') }))
        .max(9)
        .describe('The routes.'),
      issuers: z.record(z.string(), z.strictObject({ key: secret().describe('Shared key.') })).describe('The issuers.'),
    })
    .describe('The gateway.'),
});

describe('generated docs', () => {
  const docs = renderConfigDocs(schema);

  it.each([
    '| `version` | 1 | required | Format of this file. |',
    '| `value` | any value | none | Anything. |',
    '| `claims` | a mapping | none | What must stand where. |',
    '| `timeout` | a duration, at least 1s, at most 1h | `5s` | Longest wait. |',
    '| `bodyLimit` | a size | none | Largest body \\| in bytes. |',
    '| `workers` | a whole number, at least 1, at most 64 | `1` | Processes. |',
    '| `routes` | a list, each a mapping, at most 9 | required | The routes. |',
    '## `gateway.routes[]`',
    '## `gateway.issuers.<name>`',
    '| `key` | a secret (`file:PATH` or `env:NAME`) | required | Shared key. |',
  ])('have %s', (line) => {
    expect(docs.split('\n')).toContain(line);
  });
});

describe('the JSON Schema', () => {
  it('describes what a file may hold, before defaults', () => {
    const json = configJsonSchema(schema, 'Sealgate');
    expect(json.title).toBe('Sealgate');
    expect(json.additionalProperties).toBe(false);
    expect(json.properties?.['gateway']?.required).toEqual(['routes', 'issuers']);
    expect(json.properties?.['gateway']?.properties?.['timeout']).toMatchObject({
      type: 'string',
      default: '5s',
      description: 'Longest wait.',
      'x-kind': 'duration',
      'x-min': '1s',
    });
  });
});
