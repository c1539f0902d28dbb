/** From what the administration answers in process to what goes over the wire. */
import type * as z from 'zod';
import type { ClientView, SecretView } from '../../admin/clients.ts';
import type { Page } from '../../admin/context.ts';
import type { KeyView } from '../../admin/keys.ts';
import type { UserView } from '../../admin/users.ts';
import type { NewSecret } from '../../clients/secret-rotation.ts';
import type { Confirmation, ConnectedVerifier } from '../../revocation/confirmations.ts';
import { toSeconds } from '../../runtime.ts';
import type { SessionView } from '../../sessions/sessions.ts';
import type {
  clientSchema,
  clientSecretSchema,
  confirmationSchema,
  createdSecretSchema,
  keySchema,
  sessionSchema,
  userSchema,
  verifierSchema,
} from './schemas.ts';

/** A cursor says nothing to whoever holds it. */
export function writeCursor(next: string | undefined): { next_cursor?: string } {
  return next === undefined ? {} : { next_cursor: Buffer.from(next).toString('base64url') };
}

export function readCursor(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString();
}

export function wirePage<View, Wire>(
  { items, next }: Page<View>,
  wire: (view: View) => Wire,
): { items: Wire[]; next_cursor?: string } {
  return { items: items.map(wire), ...writeCursor(next) };
}

export function wireConfirmation({ seq, verifiers, unconfirmed }: Confirmation): z.input<typeof confirmationSchema> {
  return { seq, verifiers, confirmed: unconfirmed.length === 0, unconfirmed: [...unconfirmed] };
}

export function wireUser(user: UserView): z.input<typeof userSchema> {
  const { id, username, roles, tenant, disabled, createdMs, updatedMs } = user;
  return {
    id,
    username,
    roles: [...roles],
    ...(tenant === undefined ? {} : { tenant }),
    disabled,
    created_at: toSeconds(createdMs),
    updated_at: toSeconds(updatedMs),
  };
}

export function wireClient(client: ClientView): z.input<typeof clientSchema> {
  const { id, name, confidential, grants, scopes, audiences, introspection, disabled, builtIn, secrets } = client;
  return {
    id,
    name,
    confidential,
    grants: [...grants],
    scopes: [...scopes],
    audiences: [...audiences],
    introspection,
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    tls_client_certificate_bound_access_tokens: client.tlsClientCertificateBoundAccessTokens,
    disabled,
    built_in: builtIn,
    secrets: secrets.map(wireSecretView),
    created_at: toSeconds(client.createdMs),
    updated_at: toSeconds(client.updatedMs),
  };
}

function wireSecretView({ id, createdMs, expiresMs }: SecretView): z.input<typeof clientSecretSchema> {
  return { id, created_at: toSeconds(createdMs), ...moment('expires_at', expiresMs) };
}

export function wireSecret({ id, secret, createdMs, expiresMs }: NewSecret): z.input<typeof createdSecretSchema> {
  return { id, client_secret: secret, created_at: toSeconds(createdMs), ...moment('expires_at', expiresMs) };
}

export function wireSession(session: SessionView): z.input<typeof sessionSchema> {
  const { id, subject, clientId, createdMs, lastUsedMs, idleExpiresMs, expiresMs, methods } = session;
  const { firstDevice, lastDevice } = session;
  return {
    id,
    user: subject,
    client_id: clientId,
    created_at: toSeconds(createdMs),
    last_used_at: toSeconds(lastUsedMs),
    idle_expires_at: toSeconds(idleExpiresMs),
    expires_at: toSeconds(expiresMs),
    amr: [...methods],
    first_seen: { address: firstDevice.address, user_agent: firstDevice.userAgent },
    last_seen: { address: lastDevice.address, user_agent: lastDevice.userAgent },
  };
}

export function wireKey({ kid, alg, state, external, ...times }: KeyView): z.input<typeof keySchema> {
  return {
    kid,
    algorithm: alg,
    state,
    ...(external === undefined ? {} : { key_store: external }),
    created_at: toSeconds(times.createdMs),
    ...moment('activated_at', times.activatedMs),
    ...moment('retiring_at', times.retiringMs),
    ...(state === 'announced' ? moment('promote_after', times.promoteAfterMs) : {}),
  };
}

/** @param newest - The newest number of the log. */
export function wireVerifier(verifier: ConnectedVerifier, newest: number): z.input<typeof verifierSchema> {
  const { connection, name, clientId, agent, confirmedSeq, connectedMs, confirmedMs } = verifier;
  return {
    connection,
    name,
    client_id: clientId,
    agent,
    confirmed_seq: confirmedSeq,
    lag: Math.max(0, newest - confirmedSeq),
    connected_at: toSeconds(connectedMs),
    ...moment('confirmed_at', confirmedMs),
  };
}

/** A time that may not be there. */
function moment<Name extends string>(name: Name, ms: number | undefined): { [each in Name]?: number } {
  return (ms === undefined ? {} : { [name]: toSeconds(ms) }) as { [each in Name]?: number };
}
