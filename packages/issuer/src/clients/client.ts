/** What a client is and may do (RFC 6749 section 2). Its secrets are `client-secrets.ts`, its proof of itself `http/client-authentication.ts`. */
import * as z from 'zod';
import { IssuerError } from '../errors.ts';
import type { ClientSecretTable, ClientTable } from '../store/schema.ts';

/** `login` is the first-party `POST /v1/login`; the others are grant types. */
export const GRANTS = ['login', 'client_credentials', 'refresh_token'] as const;
export type Grant = (typeof GRANTS)[number];

export interface StoredSecret {
  readonly id: string;
  readonly mac: Uint8Array;
  readonly createdMs: number;
  readonly expiresMs: number | null;
}

export interface Client {
  readonly id: string;
  readonly name: string;
  /** A confidential client proves itself by a secret; a public one cannot keep one (RFC 6749 section 2.1). */
  readonly authentication: 'none' | 'secret';
  readonly grants: ReadonlySet<Grant>;
  readonly scopes: readonly string[];
  /** What its tokens are for; empty means the issuer's own default. */
  readonly audiences: readonly string[];
  /** May introspect tokens and read the revocation feed. */
  readonly introspection: boolean;
  /** Its tokens are bound to a DPoP key, always (RFC 9449 section 5.2, `dpop_bound_access_tokens`). */
  readonly dpopBound: boolean;
  /** Its tokens are bound to its certificate, always (RFC 8705 section 3.4, `tls_client_certificate_bound_access_tokens`). */
  readonly certificateBound: boolean;
  readonly disabled: boolean;
  readonly notBeforeSeconds: number;
  readonly version: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly secrets: readonly StoredSecret[];
}

/** scope-token of RFC 6749 section 3.3. */
const scopeToken = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/u, 'a scope is visible ASCII without quotes and backslashes');

/** What may be said of a client, and changed later. */
const members = {
  name: z.string().max(200),
  grants: z.array(z.enum(GRANTS)).min(1),
  scopes: z.array(scopeToken).max(200),
  audiences: z.array(z.string().min(1).max(512)).max(20),
  introspection: z.boolean(),
  dpopBoundAccessTokens: z.boolean(),
  tlsClientCertificateBoundAccessTokens: z.boolean(),
};

/** What makes a client. With a secret it is confidential, without one public. */
export const newClientSchema = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/u, 'letters, digits and . _ ~ -, at most 128'),
    name: members.name.optional(),
    secret: z
      .string()
      .regex(/^[\x20-\x7e]{32,256}$/u, '32 to 256 printable ASCII characters: a secret that people choose is found')
      .optional(),
    grants: members.grants,
    scopes: members.scopes.default([]),
    audiences: members.audiences.default([]),
    introspection: members.introspection.default(false),
    dpopBoundAccessTokens: members.dpopBoundAccessTokens.default(false),
    tlsClientCertificateBoundAccessTokens: members.tlsClientCertificateBoundAccessTokens.default(false),
  })
  .superRefine((client, context) => {
    if (client.secret === undefined) refuseWithoutSecret(client, context);
  });

/** Members that are not there stay as they are. */
export const clientChangeSchema = z.strictObject({ ...members, disabled: z.boolean() }).partial();
export type ClientChange = z.input<typeof clientChangeSchema>;

/** What a public client may not do: RFC 6749 section 4.4, RFC 7662 section 2.1. */
export function refuseWithoutSecret(
  { grants, introspection }: { readonly grants: readonly Grant[]; readonly introspection: boolean },
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  const refuse = (member: string, what: string) =>
    context.addIssue({ code: 'custom', path: [member], message: `${what} needs a client with a secret` });
  if (grants.includes('client_credentials')) refuse('grants', 'client_credentials');
  if (introspection) refuse('introspection', 'introspection');
}

export type NewClient = z.input<typeof newClientSchema>;

/** @throws {IssuerError} `client_invalid`. */
export function parseNewClient(input: NewClient): z.output<typeof newClientSchema> {
  const parsed = newClientSchema.safeParse(input);
  if (!parsed.success) throw new IssuerError('client_invalid', z.prettifyError(parsed.error));
  return parsed.data;
}

export function clientOf(row: ClientTable, secrets: readonly ClientSecretTable[]): Client {
  return {
    id: row.id,
    name: row.name,
    authentication: row.authentication,
    grants: new Set(JSON.parse(row.grants) as Grant[]),
    scopes: JSON.parse(row.scopes) as string[],
    audiences: JSON.parse(row.audiences) as string[],
    introspection: row.introspection === 1,
    dpopBound: row.dpop_bound === 1,
    certificateBound: row.certificate_bound === 1,
    disabled: row.disabled_ms !== null,
    notBeforeSeconds: row.not_before_seconds,
    version: row.version,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    secrets: secrets.map(({ id, mac, created_ms: createdMs, expires_ms: expiresMs }) => ({
      id,
      mac,
      createdMs,
      expiresMs,
    })),
  };
}
