/** Configuration of the issuers whose tokens the gateway accepts: `gateway.issuers.NAME`. */
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
    .default('at+jwt')
    .describe('`typ` that a token must have (RFC 9068). Issuers that predate RFC 9068 send `JWT`.'),
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
  revocation: revocationSchema.describe('How revocations reach the gateway.'),
});

export type IssuerConfig = z.output<typeof issuerSchema>;
