/**
 * The configuration of a key that lives elsewhere: `signer: { algorithm: ES256, awsKms: { keyId: ..., region: ... } }`. Exactly one
 * key store each. Strict; secrets only by `file:` or `env:`.
 */
import { duration, filePath, httpUrl, isLoopbackHost, secret } from '@sealgate/service';
import * as z from 'zod';
import { SIGNING_ALGORITHMS } from './signing-algorithm.ts';

/** Requests carry credentials, and signatures decide who is let in: no plain HTTP but to this machine. */
const endpoint = () =>
  httpUrl({ originOnly: true }).refine(
    (url) => url.startsWith('https:') || isLoopbackHost(new URL(url).hostname),
    'expected an "https://" URL; plain HTTP is for addresses of this machine alone',
  );

export const awsAccessSchema = {
  region: z
    .string()
    .regex(/^[a-z]{2,}(?:-[a-z]+)+-\d+$/u, 'expected the name of an AWS region, such as "eu-central-1"')
    .describe('AWS region of the key.'),
  endpoint: endpoint()
    .optional()
    .describe('Another address of AWS KMS, such as a VPC endpoint. Default: AWS’s own for the region.'),
  credentials: z
    .strictObject({
      accessKeyId: z.string().min(1).describe('Access key id.'),
      secretAccessKey: secret().describe('Secret access key.'),
      sessionToken: secret().optional().describe('Session token of temporary credentials.'),
    })
    .optional()
    .describe(
      'Fixed credentials. Default: what the AWS SDK finds, such as the role of the instance, container or pod.',
    ),
};

export const googleAccessSchema = {
  endpoint: endpoint().optional().describe('Another address of Google Cloud KMS. Default: Google’s own.'),
  credentials: secret()
    .optional()
    .describe(
      'Key file (JSON) of a service account. Default: Application Default Credentials, such as the workload identity.',
    ),
};

export const azureAccessSchema = {
  credentials: z
    .strictObject({
      tenantId: z.string().min(1).describe('Directory (tenant) id.'),
      clientId: z.string().min(1).describe('Application (client) id.'),
      clientSecret: secret().describe('Client secret.'),
    })
    .optional()
    .describe('A service principal. Default: what the Azure SDK finds, such as the managed identity.'),
};

const pkcs11 = z
  .strictObject({
    module: filePath().describe('Shared library of the token’s vendor, such as `/usr/lib/softhsm/libsofthsm2.so`.'),
    token: z.string().min(1).max(32).optional().describe('Label of the token.'),
    serial: z.string().min(1).max(16).optional().describe('Serial number of the token, where labels are not unique.'),
    pin: secret().describe('PIN of the token’s user.'),
    key: z.string().min(1).optional().describe('Label (CKA_LABEL) of the private key.'),
    keyId: z
      .string()
      .regex(/^(?:[0-9a-f]{2})+$/u, 'expected pairs of hexadecimal digits, such as "01a0"')
      .optional()
      .describe('Id (CKA_ID) of the private key, in hexadecimal.'),
    sessions: z.int().min(1).max(64).default(4).describe('Signatures at once; each has a session of its own.'),
  })
  .refine((value) => value.token !== undefined || value.serial !== undefined, 'needs "token" or "serial"')
  .refine((value) => value.key !== undefined || value.keyId !== undefined, 'needs "key" or "keyId"');

const awsKms = z.strictObject({
  keyId: z.string().min(1).describe('Key id, key ARN, alias (`alias/NAME`) or alias ARN.'),
  ...awsAccessSchema,
});

const googleKms = z.strictObject({
  keyVersion: z
    .string()
    .regex(
      /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+\/cryptoKeyVersions\/\d+$/u,
      'expected "projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V"',
    )
    .describe('Resource name of the key version.'),
  ...googleAccessSchema,
});

const azureKeyVault = z.strictObject({
  key: httpUrl().describe('URL of the key: `https://VAULT.vault.azure.net/keys/NAME/VERSION`.'),
  ...azureAccessSchema,
});

const STORES = ['pkcs11', 'awsKms', 'googleKms', 'azureKeyVault'] as const;

/** A key in a token or a cloud's key store, to sign with. */
export const signerConfigSchema = z
  .strictObject({
    algorithm: z
      .enum(SIGNING_ALGORITHMS)
      .describe('Signature algorithm. The key must be one for it; anything else is refused at start.'),
    timeout: duration({ min: '100ms', max: '60s' })
      .prefault('5s')
      .describe('Longest time for one call to the key store.'),
    pkcs11: pkcs11
      .optional()
      .describe('A key in a PKCS#11 token (HSM, smart card, SoftHSM). Needs the package `koffi`.'),
    awsKms: awsKms.optional().describe('A key in AWS KMS. Needs the package `@aws-sdk/client-kms`.'),
    googleKms: googleKms.optional().describe('A key in Google Cloud KMS. Needs the package `@google-cloud/kms`.'),
    azureKeyVault: azureKeyVault
      .optional()
      .describe('A key in Azure Key Vault. Needs the packages `@azure/keyvault-keys` and `@azure/identity`.'),
  })
  .refine(
    (value) => STORES.filter((store) => value[store] !== undefined).length === 1,
    `expected exactly one of ${STORES.map((store) => `"${store}"`).join(', ')}`,
  );

export type SignerConfig = z.output<typeof signerConfigSchema>;
