/** The configuration of a master key that a key store wraps: `{ wrapped: data/master.key.wrapped, awsKms: { ... } }`. */
import { duration, filePath, httpUrl } from '@sealgate/service';
import * as z from 'zod';
import { awsAccessSchema, azureAccessSchema, googleAccessSchema } from '../signers/config.ts';

const STORES = ['awsKms', 'googleKms', 'azureKeyVault'] as const;

/** A master key in a file, wrapped by exactly one key store. */
export const wrappedMasterKeySchema = z
  .strictObject({
    wrapped: filePath().describe(
      'File of the wrapped master key; made on first start. Not secret, but keep it with the database: without it nothing can be read.',
    ),
    timeout: duration({ min: '100ms', max: '60s' })
      .prefault('10s')
      .describe('Longest time for one call to the key store.'),
    awsKms: z
      .strictObject({
        keyId: z.string().min(1).describe('A symmetric key: id, ARN or alias (`alias/NAME`).'),
        ...awsAccessSchema,
      })
      .optional()
      .describe('Wrapped by AWS KMS. Needs the package `@aws-sdk/client-kms`.'),
    googleKms: z
      .strictObject({
        key: z
          .string()
          .regex(
            /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/u,
            'expected "projects/P/locations/L/keyRings/R/cryptoKeys/K"',
          )
          .describe('Resource name of a symmetric key.'),
        ...googleAccessSchema,
      })
      .optional()
      .describe('Wrapped by Google Cloud KMS. Needs the package `@google-cloud/kms`.'),
    azureKeyVault: z
      .strictObject({
        key: httpUrl().describe('URL of an RSA key: `https://VAULT.vault.azure.net/keys/NAME`.'),
        ...azureAccessSchema,
      })
      .optional()
      .describe('Wrapped by Azure Key Vault. Needs the packages `@azure/keyvault-keys` and `@azure/identity`.'),
  })
  .refine(
    (value) => STORES.filter((store) => value[store] !== undefined).length === 1,
    `expected exactly one of ${STORES.map((store) => `"${store}"`).join(', ')}`,
  );

export type WrappedMasterKeyConfig = z.output<typeof wrappedMasterKeySchema>;
