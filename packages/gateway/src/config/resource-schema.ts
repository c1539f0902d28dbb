/** Configuration of what clients can read about the API behind the gateway (RFC 9728): `gateway.protectedResources[]`. */
import { httpUrl } from '@sealgate/service';
import * as z from 'zod';

export const resourceSchema = z.strictObject({
  resource: httpUrl().describe('Its identifier: the URL below which clients call it, `https` and the host included.'),
  scopes: z
    .array(z.string().regex(/^[!#-[\]-~]+$/u))
    .optional()
    .describe('Scopes that clients can ask for. Default: those that its routes require.'),
  issuers: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Names of the issuers where clients get tokens. All when absent.'),
  name: z.string().min(1).optional().describe('For people.'),
  documentation: httpUrl().optional().describe('Page for developers.'),
});

export type ResourceConfig = z.output<typeof resourceSchema>;
