/** Configuration of how much a caller may ask for: `rateLimit`, `quota` and `concurrency` of routes and `defaults`. */
import { duration } from '@sealgate/service';
import * as z from 'zod';

const jsonPointer = () =>
  z.string().regex(/^(?:\/(?:[^~/]|~[01])*)+$/u, 'expected a JSON Pointer (RFC 6901), such as "/sub"');

const ipv6Prefix = () =>
  z
    .int()
    .min(16)
    .max(128)
    .default(64)
    .describe('With `by: ip`: how many bits of an IPv6 address make one caller. A subscriber is given a /64 at least.');

const claimGoesWith = (
  { by, claim }: { readonly by: string; readonly claim?: string | undefined },
  context: z.RefinementCtx,
): void => {
  if ((by === 'claim') === (claim !== undefined)) return;
  context.addIssue({ code: 'custom', path: ['claim'], message: 'goes with `by: claim`, and only with it' });
};

const rateLimitSchema = z
  .strictObject({
    by: z
      .enum(['ip', 'sub', 'client', 'claim', 'route'])
      .describe('Who shares one allowance: an address, a subject, a client, those with the same claim, or everybody.'),
    claim: jsonPointer().optional().describe('With `by: claim`: which.'),
    limit: z.int().min(1).max(1_000_000_000).describe('Requests allowed in `per`.'),
    per: duration({ min: '100ms', max: '30d' }).describe('The window.'),
    algorithm: z
      .enum(['token-bucket', 'sliding-window'])
      .default('token-bucket')
      .describe(
        '`token-bucket`: `burst` at once, then evenly. `sliding-window`: never more than `limit` in any stretch of `per`; ' +
          'what was used comes back when its time has left the window, in sixteenths of it.',
      ),
    burst: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe('With `token-bucket`: requests that may come at once. Default: `limit`.'),
    ipv6Prefix: ipv6Prefix(),
  })
  .superRefine((limit, context) => {
    claimGoesWith(limit, context);
    if (limit.burst !== undefined && limit.algorithm !== 'token-bucket') {
      context.addIssue({ code: 'custom', path: ['burst'], message: 'goes with `algorithm: token-bucket` only' });
    }
  });

const quotaSchema = z
  .strictObject({
    by: z.enum(['sub', 'client', 'claim']).default('client').describe('Who shares one quota.'),
    claim: jsonPointer().optional().describe('With `by: claim`: which.'),
    limit: z.int().min(1).max(1_000_000_000_000).describe('Requests allowed in one month or day.'),
    per: z.enum(['month', 'day']).default('month').describe('Of the calendar, in UTC.'),
  })
  .superRefine(claimGoesWith);

const concurrencySchema = z
  .strictObject({
    by: z
      .enum(['ip', 'sub', 'client', 'claim', 'route'])
      .describe('Who shares the places: an address, a subject, a client, those with the same claim, or everybody.'),
    claim: jsonPointer().optional().describe('With `by: claim`: which.'),
    limit: z.int().min(1).max(1_000_000).describe('Requests under way at once, upgraded connections included.'),
    ipv6Prefix: ipv6Prefix(),
  })
  .superRefine(claimGoesWith);

const oneOrMore = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.array(schema).min(1).max(8)]);

/** The three settings, as routes and `defaults` have them. */
export const limitSettings = {
  rateLimit: oneOrMore(rateLimitSchema)
    .optional()
    .describe('How many requests are allowed; one limit, or a list of which each must hold. 429 beyond.'),
  quota: oneOrMore(quotaSchema)
    .optional()
    .describe(
      'How many requests are allowed in a calendar month or day; 429 beyond. Kept in `limits.store`; without one it starts anew with the process.',
    ),
  concurrency: oneOrMore(concurrencySchema)
    .optional()
    .describe(
      'How many requests may be under way at once in this gateway. Beyond it a caller gets 429, and 503 with `by: route`.',
    ),
};

export type RateLimitConfig = z.output<typeof rateLimitSchema>;
export type QuotaConfig = z.output<typeof quotaSchema>;
export type ConcurrencyConfig = z.output<typeof concurrencySchema>;
