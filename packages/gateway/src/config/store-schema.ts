/** Configuration of where limits are counted when they must hold across processes: `gateway.limits.store`. */
import { duration, filePath, secret } from '@sealgate/service';
import * as z from 'zod';

const REDIS_URL = /^rediss?:\/\/(?:\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+)(?::[1-9]\d{0,4})?(?:\/\d{1,4})?$/u;

const storeUrl = () =>
  z
    .string()
    .regex(
      REDIS_URL,
      'expected "redis://HOST:PORT" or, over TLS, "rediss://HOST:PORT", with "/NUMBER" for a database; the password goes to `password`',
    );

const detailed = z
  .strictObject({
    url: storeUrl().describe(
      '`redis://HOST:PORT`, or `rediss://` over TLS; `/NUMBER` for a database. Redis or Valkey, not a cluster.',
    ),
    username: z.string().min(1).optional().describe('Whom to sign in as. Default: the default user.'),
    password: secret().optional().describe('Its password.'),
    ca: filePath().optional().describe('With `rediss://`: PEM file of the authority that its certificate is from.'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9:._-]{0,64}$/u)
      .default('sealgate:limit:')
      .describe('What its keys begin with. Gateways with the same prefix and the same limits count together.'),
    timeout: duration({ min: '1ms', max: '10s' })
      .prefault('100ms')
      .describe('Longest wait for an answer; beyond it the limit is counted locally.'),
    connectTimeout: duration({ min: '10ms', max: '1m' }).prefault('2s').describe('Longest wait for a connection.'),
  })
  .superRefine(({ url, ca }, context) => {
    if (ca !== undefined && !url.startsWith('rediss:')) {
      context.addIssue({ code: 'custom', path: ['ca'], message: 'goes with `rediss://`, and only with it' });
    }
  });

/** A URL alone, or the details. */
export const storeSchema = z.union([storeUrl(), detailed]);

export type StoreConfig = z.output<typeof detailed>;

/** The details, whichever way they were written. */
export function storeDetails(config: z.output<typeof storeSchema>): StoreConfig {
  return typeof config === 'string' ? detailed.parse({ url: config }) : config;
}
