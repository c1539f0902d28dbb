/** The tests that a configuration file carries: requests, and what must become of them. Run by `sealgate check`. */
import { filePath } from '@sealgate/service';
import * as z from 'zod';

const expectation = z.union([
  z.int().min(200).max(599),
  z.strictObject({
    status: z.int().min(200).max(599).describe('Status the client gets; 200 stands for "let through".'),
    code: z.string().optional().describe('`code` of the refusal.'),
    headers: z
      .record(z.string().toLowerCase(), z.string().nullable())
      .optional()
      .describe('Headers that the upstream must see, `null` for those it must not.'),
  }),
]);

const requestSchema = z.strictObject({
  request: z
    .string()
    .regex(/^[A-Z]+ \/[^\s]*$/u, 'expected a method and a path, such as "GET /orders/1"')
    .describe('Method and path, sent as written.'),
  host: z.string().default('localhost').describe('Value of `Host`.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Further headers.'),
  token: z
    .union([z.record(z.string(), z.json()), z.enum(['none', 'expired', 'forged'])])
    .default('none')
    .describe('Claims of a valid token of the issuer, beside the usual ones; or `none`, `expired`, `forged`.'),
  dpop: z
    .boolean()
    .default(false)
    .describe('Binds the token to a key made for the test, and sends a proof of that key with it (RFC 9449).'),
  certificate: filePath()
    .optional()
    .describe(
      'PEM file: the certificate that the client proves to hold; its key is not needed, and who signed it is not asked. Binds the token to it (RFC 8705). Goes with ' +
        '`gateway.tls.clients`. Absent: a connection without one, whatever `mode` says.',
    ),
  issuer: z.string().optional().describe('Name of the issuer of the token. Default: the first.'),
  expect: expectation.describe('The status, or what else must hold.'),
});

const testSchema = requestSchema.refine(({ dpop, token }) => !dpop || token !== 'none', {
  path: ['dpop'],
  message: 'needs a token to prove the possession of',
});

export const configTestsSchema = z
  .array(testSchema)
  .describe('Requests, and what must become of them. `sealgate check` runs them.');

export type ConfigTest = z.output<typeof testSchema>;
