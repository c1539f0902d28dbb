/** Configuration of how a request and its answer are changed on the way: `rewrite`, `requestHeaders`, `responseHeaders`, `securityHeaders`, `canary`. */
import * as z from 'zod';
import { DROP, HeaderRules, PASS, foldHeaderName } from '../request/header-rules.ts';

const jsonPointer = () =>
  z.string().regex(/^(?:\/(?:[^~/]|~[01])*)+$/u, 'expected a JSON Pointer (RFC 6901), such as "/beta"');
const fieldName = () => z.string().regex(/^[A-Za-z0-9-]+$/u, 'expected a header name of letters, digits and "-"');
/** Printable ASCII, so that no value can end its line. */
const fieldValue = () =>
  z.string().regex(/^(?:[!-~](?:[ -~]*[!-~])?)?$/u, 'expected printable ASCII without blanks at its ends');

const NOTHING_SPECIAL = new HeaderRules([]);

/** Framing, hop-by-hop, and what the gateway says itself. */
const NEVER_IN_RESPONSES = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'ratelimit',
  'ratelimit-policy',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
]);

const mayBeSent = (name: string): boolean => NOTHING_SPECIAL.actionFor(name) === PASS;
/** What never reaches an upstream anyway may be named, for a reader's peace of mind. */
const mayBeRemoved = (name: string): boolean => mayBeSent(name) || NOTHING_SPECIAL.actionFor(name) === DROP;
const mayBeAnswered = (name: string): boolean => {
  const folded = foldHeaderName(name);
  return !NEVER_IN_RESPONSES.has(folded) && !folded.startsWith('access-control-');
};

function headerEdits(maySet: (name: string) => boolean, mayRemove: (name: string) => boolean) {
  return z
    .strictObject({
      set: z
        .record(fieldName(), fieldValue())
        .optional()
        .describe('Header and value; takes the place of what was there.'),
      remove: z.array(fieldName()).optional().describe('Headers that go.'),
    })
    .superRefine(({ set = {}, remove = [] }, context) => {
      const message = 'has a meaning of its own in HTTP or in the gateway; it cannot be changed';
      for (const name of Object.keys(set)) {
        if (!maySet(name)) context.addIssue({ code: 'custom', path: ['set', name], message });
      }
      for (const [index, name] of remove.entries()) {
        if (!mayRemove(name)) context.addIssue({ code: 'custom', path: ['remove', index], message });
      }
    });
}

const canarySchema = z
  .strictObject({
    to: z.string().describe('Name of the other upstream.'),
    weight: z.number().min(0).max(100).optional().describe('Percentage of the callers.'),
    sticky: z
      .enum(['sub', 'ip'])
      .default('sub')
      .describe(
        'By what a caller is known, so that he stays on one side: subject (address where there is none), or address.',
      ),
    claims: z
      .record(jsonPointer(), z.json())
      .optional()
      .describe('JSON Pointer and value; a token with one of them goes there.'),
    headers: z
      .record(fieldName(), fieldValue())
      .optional()
      .describe('Header and value; a request with one of them goes there.'),
  })
  .refine(
    ({ weight, claims, headers }) => weight !== undefined || claims !== undefined || headers !== undefined,
    'needs `weight`, `claims` or `headers`',
  );

const rewriteSchema = z.union([
  z.strictObject({
    stripPrefix: z
      .string()
      .regex(/^(?:\/[^/{}*?]+)+$/u, 'expected whole segments, such as "/api/v1"')
      .describe('Segments at the beginning that the upstream does not see.'),
  }),
  z.strictObject({
    path: z
      .string()
      .startsWith('/')
      .describe(
        'The path for the upstream: text, `{name}` for a segment that the route’s path names so, `**` at the end for its rest.',
      ),
  }),
]);

/** Of one route. */
export const routeForwarding = {
  rewrite: rewriteSchema
    .optional()
    .describe('The path that the upstream is sent. Default: the one that was matched. The query stays.'),
  canary: canarySchema.optional().describe('Sends some of the requests to another upstream.'),
};

/** Of a route, or of all. */
export const forwardingSettings = {
  requestHeaders: headerEdits(mayBeSent, mayBeRemoved)
    .optional()
    .describe(
      'Headers set in requests to the upstream, and removed from them. Never identity, framing or hop-by-hop headers.',
    ),
  responseHeaders: headerEdits(mayBeAnswered, mayBeAnswered)
    .optional()
    .describe(
      'Headers set in answers of the upstream, and removed from them; the gateway’s own answers stay as they are.',
    ),
  securityHeaders: z
    .boolean()
    .optional()
    .describe(
      'Adds `X-Content-Type-Options`, `X-Frame-Options`, `Referrer-Policy` and, over https, `Strict-Transport-Security` to every answer that lacks them.',
    ),
};

export type RewriteConfig = z.output<typeof rewriteSchema>;
export type CanaryConfig = z.output<typeof canarySchema>;
export type HeaderEditsConfig = {
  readonly set?: Readonly<Record<string, string>> | undefined;
  readonly remove?: readonly string[] | undefined;
};
