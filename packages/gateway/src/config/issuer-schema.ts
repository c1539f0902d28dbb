/** Configuration of the issuers whose tokens the gateway accepts: `gateway.issuers.NAME`. */
import { PRESET_NAMES } from '@sealgate/guard';
import { duration, httpUrl, secret } from '@sealgate/service';
import * as z from 'zod';

/** Never `none`, never taken from a token; symmetric algorithms make no sense for a party that only verifies. */
export const ACCEPTED_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'ES256K',
  'EdDSA',
  'Ed25519',
  'Ed448',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
] as const;

const revocationSchema = z
  .strictObject({
    feed: z
      .enum(['push', 'none'])
      .default('none')
      .describe(
        '`push`: hold the stream of revocations and keys that a Sealgate issuer offers. `none`: tokens live until they expire.',
      ),
    staleAfter: duration({ min: '1s', max: '1h' })
      .prefault('30s')
      .describe('Silence of the stream after which revocations count as unknown.'),
    onStale: z
      .enum(['deny', 'introspect', 'allow'])
      .default('deny')
      .describe('What a token is worth while they are unknown; routes may say otherwise.'),
  })
  .prefault({});

const opaqueTokensSchema = z.strictObject({
  endpoint: httpUrl().optional().describe('Where to ask. Default: `introspection_endpoint` of the issuer’s metadata.'),
  cache: duration({ min: '0s', max: '1h' })
    .prefault('30s')
    .describe(
      'How long a good answer is believed, never beyond the token’s end. The longest time that a revocation goes unnoticed.',
    ),
  negativeCache: duration({ min: '0s', max: '1h' }).prefault('5s').describe('How long "not active" is believed.'),
  maxEntries: z.int().min(1).max(10_000_000).default(10_000).describe('Answers kept, of either kind.'),
  mayLack: z
    .array(z.enum(['aud', 'token_type', 'exp']))
    .default([])
    .describe(
      'What the answers of this issuer need not have. Without `aud` nothing says that a token is meant for this API, without `token_type` that ' +
        'it is an access token; without `exp` it is believed for `cache`.',
    ),
  signed: z
    .boolean()
    .default(false)
    .describe(
      'Asks for answers that the issuer signs for this client (RFC 9701), verifies them with its keys and `algorithms`, and takes no others.',
    ),
});

const pointer = () =>
  z.string().regex(/^(?:\/(?:[^~/]|~[01])*)+$/u, 'expected a JSON Pointer (RFC 6901), such as "/realm_access/roles"');
const pointers = () => z.union([pointer(), z.array(pointer()).min(1)]);

const mappingSchema = z
  .strictObject({
    preset: z
      .enum(PRESET_NAMES)
      .optional()
      .describe(
        'How tokens of a well-known issuer look. `keycloak`: roles of the realm, and of `client`. `auth0`: `permissions`, and ' +
          '`<namespace>roles`, as roles. `entra`: scopes in `scp`, roles in `roles`. `cognito`: `cognito:groups` as roles, `audience` is held ' +
          'against `client_id`. `spring`: `scope` may be a list. Each also tells access tokens from the issuer’s other tokens.',
      ),
    client: z.string().min(1).optional().describe('With `keycloak`: also the roles of this client.'),
    namespace: z
      .string()
      .min(1)
      .optional()
      .describe('With `auth0`: what custom claims start with, such as `https://acme.test/`.'),
    subject: pointer().optional().describe('Where the subject is.'),
    clientId: pointers().optional().describe('Where the client is; of several, the first that is there.'),
    scopes: pointers().optional().describe('Where scopes are; of several, all.'),
    roles: pointers().optional().describe('Where roles are; of several, all.'),
    scopeMayBeList: z.boolean().optional().describe('Whether `scope` may be a list; never with `typ: at+jwt`.'),
  })
  .superRefine(({ preset, client, namespace }, context) => {
    const stray = (key: string, goesWith: string) =>
      context.addIssue({ code: 'custom', path: [key], message: `goes with \`preset: ${goesWith}\`, and only with it` });
    if (client !== undefined && preset !== 'keycloak') stray('client', 'keycloak');
    if (namespace !== undefined && preset !== 'auth0') stray('namespace', 'auth0');
  });

export const issuerSchema = z.strictObject({
  url: httpUrl().describe(
    'Issuer identifier, exactly as in the claim `iss`. Keys and endpoints are found by discovery below it.',
  ),
  audience: z
    .array(z.string().min(1))
    .min(1)
    .describe('A token must be meant for one of these: exact match with `aud`.'),
  algorithms: z
    .array(z.enum(ACCEPTED_ALGORITHMS))
    .min(1)
    .describe('Signature algorithms accepted. No others, whatever a token says.'),
  typ: z
    .string()
    .min(1)
    .optional()
    .describe(
      '`typ` that a token must have: `at+jwt` (RFC 9068) unless `mapping` says otherwise. Issuers that predate it send `JWT`.',
    ),
  mapping: z
    .union([z.enum(PRESET_NAMES), mappingSchema])
    .optional()
    .describe(
      'Where tokens say who, for whom and what: the name of a preset (see `preset`), or details. Default: `sub`, `client_id`, `scope`, `roles`.',
    ),
  client: z
    .strictObject({
      id: z
        .string()
        .min(1)
        .describe('Client id of this gateway at the issuer; the client must be allowed to introspect.'),
      secret: secret().describe('Its secret.'),
    })
    .optional()
    .describe('Credentials for the stream and for introspection. Not needed beside an issuer in the same process.'),
  opaqueTokens: opaqueTokensSchema
    .optional()
    .describe(
      'Accepts tokens without a dot, which are no JWTs, as this issuer’s, by asking it (RFC 7662). At one issuer only; needs `client`.',
    ),
  revocation: revocationSchema.describe('How revocations reach the gateway.'),
});

export type IssuerConfig = z.output<typeof issuerSchema>;
