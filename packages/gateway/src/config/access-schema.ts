/** Configuration of which client addresses are served: `gateway.access` and `routes[].access`. */
import * as z from 'zod';
import { parseAddressRange } from '../request/address-set.ts';

/** An IP address, or a range in CIDR notation. */
export const addressRange = () =>
  z
    .string()
    .refine(
      (text) => parseAddressRange(text) !== undefined,
      'expected an IP address, or a range such as "10.0.0.0/8" with no bit set beyond its prefix',
    );

export const accessSchema = z
  .strictObject({
    allow: z.array(addressRange()).min(1).optional().describe('Only these. Everybody when absent.'),
    deny: z.array(addressRange()).min(1).optional().describe('Not these, whatever `allow` says.'),
  })
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, 'needs `allow`, `deny` or both');

export type AccessConfig = z.output<typeof accessSchema>;
