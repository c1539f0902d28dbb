/**
 * What goes over the wire of the administration: each schema by its name in the OpenAPI document. Bodies are strict. Times are whole
 * seconds since the Unix epoch, as everywhere on the wire.
 */
import * as z from 'zod';
import { ACTOR_NAME } from '../../audit/event.ts';
import { GRANTS } from '../../clients/client.ts';
import { ACCESS_TOKEN_ALGORITHMS } from '../../config.ts';

/** Every schema that has a name. */
export const SCHEMAS = z.registry<{ id: string }>();

function named<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  SCHEMAS.add(schema, { id });
  return schema;
}

const seconds = (what: string) => z.int().min(0).describe(`${what} Seconds since the Unix epoch.`);
const word = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/u, 'visible ASCII without quotes and backslashes, at most 128');
const wellFormed = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => text.isWellFormed(), 'not a well-formed text');
const password = wellFormed(1024).describe('Never shown again.');

/** How many, and from where. */
const pageMembers = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many items at most.'),
  cursor: z.string().min(1).max(400).optional().describe('`next_cursor` of the page before.'),
};
const waitMember = {
  wait: z.coerce
    .number()
    .min(0)
    .max(30)
    .optional()
    .describe('For how many seconds to wait for the connected verifiers. Default: `revocation.confirmWithin`.'),
};

/** As a query has it. Up to the year 9999, which a number of milliseconds holds. */
const moment = z.coerce.number().int().min(0).max(253_402_300_799);

export const pageQuery = z.strictObject(pageMembers);
export const waitQuery = z.strictObject(waitMember);

function pageSchema<Item extends z.ZodType>(id: string, item: Item) {
  return named(
    id,
    z.object({ items: z.array(item), next_cursor: z.string().optional().describe('Not there on the last page.') }),
  );
}

export const confirmationSchema = named(
  'Confirmation',
  z.object({
    seq: z.int().describe('Number in the revocation log.'),
    verifiers: z.int().describe('Verifiers that were connected.'),
    confirmed: z.boolean().describe('Whether each of them has confirmed: no one of them admits what was revoked.'),
    unconfirmed: z.array(z.string()).describe('Names of those that had not when the waiting was over.'),
  }),
);

export const userSchema = named(
  'User',
  z.object({
    id: z.string().describe('The subject (`sub`) of the user’s tokens.'),
    username: z.string(),
    roles: z.array(z.string()),
    tenant: z.string().optional(),
    disabled: z.boolean(),
    created_at: seconds('When the user was created.'),
    updated_at: seconds('When the user was changed last.'),
  }),
);
export const userPageSchema = pageSchema('UserPage', userSchema);
export const userQuery = z.strictObject({
  ...pageMembers,
  tenant: word.optional().describe('Users of this tenant only.'),
  username: wellFormed(254).optional().describe('The user of this name only.'),
});
const username = wellFormed(254).describe('Stored in lower case (NFKC).');
const roles = z.array(word).max(64).describe('`sealgate:admin` lets the user administrate.');
export const newUserBody = named(
  'NewUser',
  z.strictObject({ username, password, roles: roles.default([]), tenant: word.optional() }),
);
export const userChangeBody = named(
  'UserChange',
  z
    .strictObject({
      username: username.optional(),
      roles: roles.optional(),
      tenant: word.nullable().optional().describe('`null`: of no tenant. Another tenant ends every session.'),
      disabled: z.boolean().optional().describe('`true` ends every session and revokes every token.'),
    })
    .describe('A merge patch (RFC 7396): what is not there stays.'),
);
export const newPasswordBody = named('NewPassword', z.strictObject({ password }));

const clientMembers = {
  name: z.string().max(200),
  grants: z.array(z.enum(GRANTS)).min(1),
  scopes: z
    .array(word)
    .max(200)
    .describe('What its tokens may say; tokens get all of them unless fewer are asked for.'),
  audiences: z.array(wellFormed(512)).max(20).describe('What its tokens are for; none: the issuer’s default.'),
  introspection: z.boolean().describe('May introspect tokens and read the revocation feed.'),
  dpop_bound_access_tokens: z.boolean().describe('Its tokens are bound to a DPoP key, always.'),
  tls_client_certificate_bound_access_tokens: z.boolean().describe('Its tokens are bound to its certificate, always.'),
};
const clientId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/u, 'letters, digits and . _ ~ -, at most 128');

export const clientSecretSchema = named(
  'ClientSecret',
  z.object({
    id: z.string(),
    created_at: seconds('When it was made.'),
    expires_at: seconds('When it stops to count; not there if never.').optional(),
  }),
);
export const clientSchema = named(
  'Client',
  z.object({
    id: z.string(),
    ...clientMembers,
    grants: z.array(z.enum(GRANTS)),
    scopes: z.array(z.string()),
    audiences: z.array(z.string()),
    confidential: z.boolean().describe('Has a secret.'),
    disabled: z.boolean(),
    built_in: z.boolean().describe('The issuer made it for itself.'),
    secrets: z.array(clientSecretSchema).describe('What there is to know of its secrets.'),
    created_at: seconds('When the client was created.'),
    updated_at: seconds('When the client was changed last.'),
  }),
);
export const clientPageSchema = pageSchema('ClientPage', clientSchema);
export const createdClientSchema = named(
  'CreatedClient',
  z.object({
    client: clientSchema,
    client_secret: z.string().optional().describe('Shown this once. Not there for a public client.'),
  }),
);
export const newClientBody = named(
  'NewClient',
  z.strictObject({
    id: clientId,
    confidential: z.boolean().default(false).describe('Whether it gets a secret. `client_credentials` needs one.'),
    name: clientMembers.name.optional(),
    grants: clientMembers.grants,
    scopes: clientMembers.scopes.default([]),
    audiences: clientMembers.audiences.default([]),
    introspection: clientMembers.introspection.default(false),
    dpop_bound_access_tokens: clientMembers.dpop_bound_access_tokens.default(false),
    tls_client_certificate_bound_access_tokens: clientMembers.tls_client_certificate_bound_access_tokens.default(false),
  }),
);
export const clientChangeBody = named(
  'ClientChange',
  z
    .strictObject({ ...clientMembers, disabled: z.boolean().describe('`true` revokes everything issued to it.') })
    .partial()
    .describe('A merge patch (RFC 7396): what is not there stays.'),
);
export const newSecretBody = named(
  'NewClientSecret',
  z.strictObject({ expires_at: seconds('When it stops to count. Default: never.').optional() }),
);
export const createdSecretSchema = named(
  'CreatedClientSecret',
  z.object({ ...clientSecretSchema.shape, client_secret: z.string().describe('Shown this once.') }),
);

const device = z.object({ address: z.string(), user_agent: z.string() });
export const sessionSchema = named(
  'Session',
  z.object({
    id: z.string().describe('`sid` of its tokens.'),
    user: z.string().describe('Id of the user.'),
    client_id: z.string(),
    created_at: seconds('When the user logged in.'),
    last_used_at: seconds('When its tokens were renewed last.'),
    idle_expires_at: seconds('When it ends if nobody uses it.'),
    expires_at: seconds('When it ends in any case.'),
    amr: z.array(z.string()).describe('How the user proved who they are (RFC 8176).'),
    first_seen: device,
    last_seen: device,
  }),
);
export const sessionPageSchema = pageSchema('SessionPage', sessionSchema);
const userMember = z.string().min(1).max(128).describe('Id of the user.');
export const sessionQuery = z.strictObject({ ...pageMembers, user: userMember });
export const sessionsEndQuery = z.strictObject({ ...waitMember, user: userMember });

const holder = z.string().min(1).max(512);
export const revocationSchema = named(
  'Revocation',
  z.object({
    seq: z.int().describe('Its number in the log.'),
    kind: z.enum(['token', 'session', 'family', 'subject', 'client', 'key']),
    id: z.string().describe('`kind` "token": place in a status list, as `list:index`.'),
    before: z.int().describe('Tokens of the holder that were issued before this second are revoked; 0 where all are.'),
    expires: seconds('When it hits nothing any more.'),
  }),
);
export const revocationPageSchema = pageSchema('RevocationPage', revocationSchema);
export const revocationQuery = z.strictObject({
  ...pageMembers,
  id: holder.optional().describe('Records of this holder only.'),
});
export const newRevocationBody = named(
  'NewRevocation',
  z.discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('token'),
        jti: holder.optional().describe('The token’s id, or'),
        token: wellFormed(16_384).optional().describe('the token itself.'),
      })
      .refine(({ jti, token }) => (jti === undefined) !== (token === undefined), 'one of "jti" and "token" is needed'),
    z.strictObject({ kind: z.literal('session'), id: holder }),
    z.strictObject({ kind: z.literal('family'), id: holder.describe('A refresh family, as the audit names it.') }),
    z.strictObject({ kind: z.literal('subject'), id: holder.describe('A user: every session and token.') }),
    z.strictObject({ kind: z.literal('client'), id: holder.describe('Everything that was issued to a client.') }),
  ]),
);

export const keySchema = named(
  'Key',
  z.object({
    kid: z.string(),
    algorithm: z.string(),
    state: z.enum(['announced', 'active', 'retiring', 'retired', 'compromised']),
    key_store: z.string().optional().describe('The key store’s name for it; not there for a key of the issuer’s own.'),
    created_at: seconds('When it was made.'),
    activated_at: seconds('Since when it signs.').optional(),
    retiring_at: seconds('Since when it signs no more.').optional(),
    promote_after: seconds('An announced key does not sign before.').optional(),
  }),
);
export const keysSchema = named('Keys', z.object({ items: z.array(keySchema) }));
export const rotateBody = named(
  'KeyRotation',
  z.strictObject({ algorithm: z.enum(ACCESS_TOKEN_ALGORITHMS).describe('Whose active key is to give way.') }),
);

export const auditQuery = z.strictObject({
  ...pageMembers,
  event: z.string().min(1).max(64).optional().describe('Events of this kind only: docs/audit.md.'),
  subject: z.string().min(1).max(128).optional().describe('Events about this user only.'),
  actor: z
    .string()
    .regex(ACTOR_NAME, 'user:ID, client:ID, issuer, operator or anonymous')
    .optional()
    .describe('What this one did: `user:ID`, `client:ID`, `issuer`, `operator` or `anonymous`.'),
  since: moment.optional().describe('Not before this. Seconds since the Unix epoch.'),
  until: moment.optional().describe('Before this. Seconds since the Unix epoch.'),
});
export const auditEventSchema = named(
  'AuditEvent',
  z.object({
    seq: z.int(),
    mac: z.string().describe('Its hash in the chain.'),
    id: z.string(),
    time: z.string(),
    event: z.string(),
    outcome: z.enum(['success', 'refused']),
    reason: z.string().optional(),
    actor: z.object({ kind: z.string(), id: z.string().optional() }),
    subject: z.string().optional(),
    client_id: z.string().optional(),
    session: z.string().optional(),
    target: z.string().optional(),
    address: z.string().optional(),
    user_agent: z.string().optional(),
    request_id: z.string().optional(),
  }),
);
export const auditPageSchema = pageSchema('AuditPage', auditEventSchema);
export const auditCheckBody = named(
  'AuditCheck',
  z.strictObject({
    head: z
      .string()
      .regex(/^\d{1,15}:[\w-]{43}$/u, 'NUMBER:HASH, as an earlier check answered it')
      .optional()
      .describe('A head that was noted down earlier: also shows a database that was set back.'),
  }),
);
export const auditReportSchema = named(
  'AuditReport',
  z.object({
    whole: z.boolean(),
    events: z.int(),
    waiting: z.int().describe('Events that wait to be sealed.'),
    head: z.string().describe('To be noted down outside.'),
    faults: z.array(
      z.object({
        kind: z.string(),
        seq: z.int().optional(),
        from: z.int().optional(),
        to: z.int().optional(),
      }),
    ),
  }),
);

export const verifierSchema = named(
  'Verifier',
  z.object({
    connection: z.string(),
    name: z.string(),
    client_id: z.string(),
    agent: z.string().describe('Its program and version, as it says itself; empty if it says nothing.'),
    confirmed_seq: z.int(),
    lag: z.int().describe('Records that it has not confirmed.'),
    connected_at: seconds('Since when it is connected.'),
    confirmed_at: seconds('When it confirmed last.').optional(),
  }),
);
export const verifiersSchema = named(
  'Verifiers',
  z.object({
    newest_seq: z.int().describe('The newest number of the revocation log.'),
    items: z.array(verifierSchema).describe('Those connected to the process that answers.'),
    other_processes: z
      .array(z.object({ process: z.string(), verifiers: z.int(), confirmed_seq: z.int(), lag: z.int() }))
      .describe('Those of other issuer processes that share the database.'),
  }),
);
