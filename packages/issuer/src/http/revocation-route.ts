/**
 * `POST /oauth/revoke` (RFC 7009): a client gives up a token of its own. A refresh token takes its family and the family's access tokens
 * with it (section 2.1). Answers when the verifiers have confirmed (ADR 7); a token that is not good any more is a success (section 2.2).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditEvent, Origin } from '../audit/event.ts';
import type { Client } from '../clients/client.ts';
import { findRefreshToken } from '../families/refresh-families.ts';
import { parseRefreshToken, REFRESH_TOKEN_PREFIX } from '../families/refresh-token.ts';
import { GrantError } from '../grants/grant-error.ts';
import { readLogHead } from '../revocation/log.ts';
import { revokeFamily, revokeToken } from '../revocation/revoke.ts';
import { toSeconds } from '../runtime.ts';
import { authenticateClient } from './client-authentication.ts';
import type { IssuerParts } from './context.ts';
import type { Form } from './form.ts';
import { originOf } from './origin-of.ts';

export function revocationRoute(app: FastifyInstance, parts: IssuerParts): void {
  app.post('/oauth/revoke', async (request: FastifyRequest<{ Body: Form | undefined }>, reply) => {
    const form = request.body ?? new Map<string, string>();
    const client = await authenticateClient(parts.authentication, {
      authorization: request.headers.authorization,
      clientId: form.get('client_id'),
      clientSecret: form.get('client_secret'),
    });
    const token = form.get('token');
    if (token === undefined) throw new GrantError('invalid_request', 'token is missing');
    // `token_type_hint` helps to look in the right place (section 2.1); a token of ours says itself what it is.
    const seq = token.startsWith(REFRESH_TOKEN_PREFIX)
      ? await revokeRefreshToken(parts, client, token, originOf(request))
      : await revokeAccessToken(parts, client, token, originOf(request));
    if (seq !== undefined) {
      await parts.confirmations.wait(seq);
      parts.events.revoked('token', request.id);
    }
    return reply.header('cache-control', 'no-store').code(200).send();
  });
}

async function revokeRefreshToken(
  parts: IssuerParts,
  client: Client,
  token: string,
  origin: Origin,
): Promise<number | undefined> {
  const secret = parseRefreshToken(token);
  const nowMs = parts.runtime.nowMs();
  const found = secret && (await findRefreshToken(parts.store, secret, nowMs));
  if (found === undefined) return undefined;
  assertOwn(client, found.family.clientId);
  const revoking = { nowMs, reason: 'revoked', ttlSeconds: parts.accessTokenTtlSeconds };
  const { id, subject, sessionId: session } = found.family;
  return parts.store.write(async (tx) => {
    await parts.audit.append(tx, { ...revokedBy(client, origin), subject, session, target: `family:${id}` });
    return revokeFamily(tx, id, revoking);
  });
}

async function revokeAccessToken(
  parts: IssuerParts,
  client: Client,
  token: string,
  origin: Origin,
): Promise<number | undefined> {
  const own = parts.ownTokens.read(token);
  if (own === undefined) return undefined;
  assertOwn(client, own.claims.client_id);
  const { claims, place } = own;
  if (toSeconds(parts.runtime.nowMs()) >= claims.exp) return undefined;
  if (await parts.tokenStatus.isRevoked(own)) return (await readLogHead(parts.store)).seq;
  const { sub: subject, sid: session, jti } = claims;
  return parts.store.write(async (tx) => {
    await parts.audit.append(tx, { ...revokedBy(client, origin), subject, session, target: `jti:${jti}` });
    return revokeToken(tx, place.list, place.index, claims.exp);
  });
}

function revokedBy({ id }: Client, origin: Origin): AuditEvent {
  return { event: 'token_revoked', actor: { kind: 'client', id }, client: id, origin };
}

/** Section 2.1: a token of another client is refused, and the client is told. */
function assertOwn(client: Client, owner: string): void {
  if (client.id !== owner)
    throw new GrantError('invalid_request', 'the token was not issued to this client', 'client_mismatch');
}
