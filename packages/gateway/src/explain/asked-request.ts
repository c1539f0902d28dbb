/**
 * The body of `POST /explain` on the admin port: a request to be judged, without being sent. The fields and what they may hold; what
 * becomes of them stands in `explain-request.ts`.
 */
import * as z from 'zod';
import { GatewayError } from '../errors.ts';

/** RFC 9110 section 5.1: a token. */
const FIELD_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/u;
/** RFC 9110 section 5.5: visible characters of one octet, blanks inside. */
const FIELD_VALUE = /^(?:[!-~\u0080-\u00ff](?:[\t -~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)?$/u;

const askedRequestSchema = z.strictObject({
  token: z
    .string()
    .regex(/^[!-~]{1,32768}$/u, 'expected a token: printable characters without blanks')
    .optional()
    .describe('The token, sent as `Authorization: Bearer`, or as `DPoP` where `headers` hold a proof.'),
  method: z
    .string()
    .regex(/^[A-Za-z-]{1,32}$/u, 'expected a method, such as GET')
    .transform((method) => method.toUpperCase())
    .describe('Method of the request.'),
  url: z
    .string()
    .max(16_384)
    .regex(/^(?:\/|https?:\/\/[^/?#\s@]+(?:[/?]|$))/iu, 'expected a path, such as /orders/1, or an http or https URL')
    .describe('Path and query as they would stand on the request line, or a whole URL.'),
  headers: z
    .record(
      z.string().regex(FIELD_NAME, 'expected the name of a header'),
      z.string().max(16_384).regex(FIELD_VALUE, 'expected the value of a header'),
    )
    .default({})
    .describe('Further headers: `DPoP`, `Cookie`, and what conditions ask about.'),
});

/** A request to be judged. */
export type AskedRequest = z.input<typeof askedRequestSchema>;

/** @throws {GatewayError} `explain_invalid`: which field, and what it may be; no value of the request. */
export function parseAskedRequest(value: unknown): z.output<typeof askedRequestSchema> {
  const parsed = askedRequestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message, code }) => {
    const field = path[0] === 'headers' ? 'headers' : path.join('.');
    return code === 'unrecognized_keys' ? 'a field that is not known' : `${field}: ${message}`;
  });
  const known = Object.keys(askedRequestSchema.shape).join(', ');
  throw new GatewayError('explain_invalid', `${[...new Set(faults)].join('; ')} (the fields are ${known})`);
}
