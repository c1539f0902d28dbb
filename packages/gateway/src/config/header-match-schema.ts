/** Configuration of what a route asks of header fields: `gateway.routes[].headers`. */
import * as z from 'zod';
import { HeaderRules, PASS } from '../request/header-rules.ts';
import type { HeaderCondition } from '../routing/header-match.ts';

const NOTHING_SPECIAL = new HeaderRules([]);

const fieldName = () => z.string().regex(/^[A-Za-z0-9-]+$/u, 'expected a header name of letters, digits and "-"');
const fieldValue = () =>
  z.string().regex(/^[!-~](?:[ -~]*[!-~])?$/u, 'expected printable ASCII without blanks at its ends');

const condition = z.union([
  fieldValue(),
  z.strictObject({ prefix: fieldValue().describe('What the value must begin with.') }),
  z.strictObject({ present: z.literal(true).describe('Any value will do.') }),
]);

/** Header to value, `{ prefix }` or `{ present: true }`. */
export const headerMatchSchema = z
  .record(fieldName(), condition)
  .refine((headers) => Object.keys(headers).length > 0, 'names no header')
  .superRefine((headers, context) => {
    const seen = new Set<string>();
    for (const name of Object.keys(headers)) {
      const lower = name.toLowerCase();
      const isOwn = NOTHING_SPECIAL.actionFor(name) !== PASS;
      if (!isOwn && !seen.has(lower)) seen.add(lower);
      else {
        const message = isOwn
          ? 'has a meaning of its own in HTTP or in the gateway; no route can be chosen by it'
          : 'is named twice';
        context.addIssue({ code: 'custom', path: [name], message });
      }
    }
  });

export type HeaderMatchConfig = z.output<typeof headerMatchSchema>;

export function headerConditions(headers: HeaderMatchConfig | undefined): readonly HeaderCondition[] {
  return Object.entries(headers ?? {}).map(([written, wanted]): HeaderCondition => {
    const name = written.toLowerCase();
    if (typeof wanted === 'string') return { name, kind: 'exact', value: wanted };
    return 'prefix' in wanted ? { name, kind: 'prefix', value: wanted.prefix } : { name, kind: 'present' };
  });
}
