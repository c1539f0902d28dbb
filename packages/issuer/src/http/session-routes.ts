/**
 * The first-party endpoints `POST /v1/login`, `/v1/refresh` and `/v1/logout` (DESIGN.md section 6): JSON in, JSON out. With `"transport":
 * "cookie"` the tokens come and go as cookies, out of the reach of scripts.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Client } from '../clients/client.ts';
import { findRefreshToken } from '../families/refresh-families.ts';
import { parseRefreshToken } from '../families/refresh-token.ts';
import { GrantError } from '../grants/grant-error.ts';
import { login, type LoginResponse } from '../grants/login.ts';
import { refresh, type RefreshResponse } from '../grants/refresh.ts';
import { revokeSession } from '../revocation/revoke.ts';
import { LONGEST_PASSWORD_BYTES } from '../users/passwords.ts';
import { readSessionToken } from './bearer.ts';
import { authenticateClient } from './client-authentication.ts';
import type { IssuerParts } from './context.ts';
import {
  ACCESS_COOKIE,
  DEVICE_COOKIE,
  REFRESH_COOKIE,
  assertSameOrigin,
  clearTokenCookies,
  readTokenCookie,
  setTokenCookie,
} from './cookies.ts';
import { originOf } from './origin-of.ts';
import { parseBody } from './json-body.ts';
import { FirstPartyError } from './problems.ts';
import { proveSender } from './sender-proofs.ts';
import { sendToken } from './send-token.ts';

const text = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((value) => value.isWellFormed());
const transport = z.enum(['body', 'cookie']).default('body');
const clientMembers = { client_id: text(128), client_secret: text(256).optional() };

const loginBody = z.strictObject({
  username: text(254),
  device_token: text(128).optional(),
  password: text(LONGEST_PASSWORD_BYTES).refine((value) => Buffer.byteLength(value) <= LONGEST_PASSWORD_BYTES),
  ...clientMembers,
  scope: text(4096).optional(),
  resource: text(512).optional(),
  transport,
});

const refreshBody = z.strictObject({
  refresh_token: text(128).optional(),
  ...clientMembers,
  scope: text(4096).optional(),
  transport,
});

const logoutBody = z.strictObject({ refresh_token: text(128).optional(), transport }).default({ transport: 'body' });

export function sessionRoutes(app: FastifyInstance, parts: IssuerParts): void {
  app.post('/v1/login', async (request, reply) => {
    const body = parseBody(loginBody, request.body);
    if (body.transport === 'cookie') assertSameOrigin(request, parts.issuerUrl());
    const client = await clientOf(parts, request, body);
    if (body.transport === 'cookie') assertFitForCookies(client, request);
    const sender = await proveSender(parts.senders, client, request, reply);
    const { username, password, scope, resource } = body;
    const deviceToken = body.transport === 'cookie' ? readTokenCookie(request, DEVICE_COOKIE) : body.device_token;
    const response = await login(parts, client, {
      username,
      password,
      deviceToken,
      scope,
      resource,
      sender,
      origin: originOf(request),
    });
    parts.events.granted('login', client, request.id);
    return sendTokens(parts, reply, response, body.transport);
  });

  app.post('/v1/refresh', async (request, reply) => {
    const body = parseBody(refreshBody, request.body);
    const refreshToken = presentedRefreshToken(parts, request, body);
    if (refreshToken === undefined) throw new FirstPartyError('invalid_request', 'a refresh token is needed');
    const client = await clientOf(parts, request, body);
    if (body.transport === 'cookie') assertFitForCookies(client, request);
    const sender = await proveSender(parts.senders, client, request, reply);
    const asked = { refreshToken, scope: body.scope, sender, origin: originOf(request) };
    const response = await refresh(parts, client, asked);
    parts.events.granted('refresh_token', client, request.id);
    return sendTokens(parts, reply, response, body.transport);
  });

  app.post('/v1/logout', async (request, reply) => {
    const body = parseBody(logoutBody, request.body);
    const session = await sessionToEnd(parts, request, body);
    if (session !== undefined) {
      const revoking = { nowMs: parts.runtime.nowMs(), reason: 'logout', ttlSeconds: parts.accessTokenTtlSeconds };
      const seq = await parts.store.write(async (tx) => {
        await parts.audit.append(tx, {
          event: 'logout',
          actor: { kind: 'user', id: session.subject },
          subject: session.subject,
          client: session.clientId,
          session: session.id,
          origin: originOf(request),
        });
        return revokeSession(tx, session.id, revoking);
      });
      await parts.confirmations.wait(seq);
      parts.events.revoked('session', request.id);
    }
    if (body.transport === 'cookie') clearTokenCookies(reply);
    return reply.header('cache-control', 'no-store').code(204).send();
  });
}

/** The refresh token of the body, or of the cookie where the body says so: then of a page of this origin, and in the cookie alone. */
function presentedRefreshToken(
  parts: IssuerParts,
  request: FastifyRequest,
  body: { readonly transport: 'body' | 'cookie'; readonly refresh_token?: string | undefined },
): string | undefined {
  if (body.transport === 'body') return body.refresh_token;
  if (body.refresh_token !== undefined) throw new FirstPartyError('invalid_request', 'two tokens are presented');
  assertSameOrigin(request, parts.issuerUrl());
  return readTokenCookie(request, REFRESH_COOKIE);
}

/**
 * A token that is bound to a DPoP key is of no use in a cookie: the proof of each call holds the token's hash (`ath`, RFC 9449 section 4.2),
 * and the scripts that make proofs cannot see the cookie. Said before the refresh token is used up.
 *
 * @throws {FirstPartyError} `transport_unsuitable`.
 */
function assertFitForCookies(client: Client, request: FastifyRequest): void {
  if (!client.dpopBound && request.headers['dpop'] === undefined) return;
  const what = client.dpopBound ? 'this client’s tokens are' : 'with a DPoP proof the tokens would be';
  throw new FirstPartyError('transport_unsuitable', `${what} bound to a key, and cannot come as cookies`);
}

/** With cookies the body says everything but the tokens. */
function sendTokens(
  parts: IssuerParts,
  reply: FastifyReply,
  response: RefreshResponse & Partial<LoginResponse>,
  transport: 'body' | 'cookie',
): FastifyReply {
  if (transport === 'body') return sendToken(reply, response);
  const { access_token: accessToken, refresh_token: refreshToken, device_token: deviceToken, ...rest } = response;
  setTokenCookie(reply, ACCESS_COOKIE, accessToken, response.expires_in);
  if (refreshToken !== undefined) {
    setTokenCookie(reply, REFRESH_COOKIE, refreshToken, Math.floor(parts.lifetimes.idleMs / 1000));
  }
  if (deviceToken !== undefined) {
    setTokenCookie(reply, DEVICE_COOKIE, deviceToken, Math.floor(parts.loginLimits.devices.rememberMs / 1000));
  }
  return sendToken(reply, rest);
}

function clientOf(
  parts: IssuerParts,
  request: FastifyRequest,
  body: { client_id: string; client_secret?: string | undefined },
) {
  return authenticateClient(parts.authentication, {
    authorization: request.headers.authorization,
    clientId: body.client_id,
    clientSecret: body.client_secret,
  });
}

interface SessionToEnd {
  readonly id: string;
  readonly subject: string;
  readonly clientId: string;
}

/**
 * The session of the token that was presented: a refresh token of it, old or new, or an access token. A refresh token that is nobody's
 * ends nothing and is no error, so that logging out twice is none.
 */
async function sessionToEnd(
  parts: IssuerParts,
  request: FastifyRequest,
  body: z.output<typeof logoutBody>,
): Promise<SessionToEnd | undefined> {
  const { authorization } = request.headers;
  const refreshToken = presentedRefreshToken(parts, request, body);
  if (refreshToken !== undefined) {
    if (authorization !== undefined) throw new GrantError('invalid_request', 'two tokens are presented');
    const secret = parseRefreshToken(refreshToken);
    const found = secret && (await findRefreshToken(parts.store, secret, parts.runtime.nowMs()));
    return found && { id: found.family.sessionId, subject: found.family.subject, clientId: found.family.clientId };
  }
  // No cookie is left: whoever is logged out already is so again.
  if (body.transport === 'cookie') return undefined;
  if (authorization === undefined) {
    throw new FirstPartyError('invalid_request', 'a refresh_token, or an access token as bearer, is needed');
  }
  // Also a token that was revoked may end its session: that gives nobody anything, and makes logging out twice no error.
  const { token, sessionId } = await readSessionToken(parts, request);
  return { id: sessionId, subject: token.claims.sub, clientId: token.claims.client_id };
}
