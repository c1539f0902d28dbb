/**
 * The access token that a request presents as bearer (RFC 6750 section 2.1), or in the cookie of `"transport": "cookie"`, for the endpoints
 * that act for a session.
 */
import type { FastifyRequest } from 'fastify';
import { isRevoked } from '../revocation/token-status.ts';
import { toSeconds } from '../runtime.ts';
import type { OwnAccessToken } from '../tokens/own-tokens.ts';
import type { IssuerParts } from './context.ts';
import { ACCESS_COOKIE, assertSameOrigin, readTokenCookie } from './cookies.ts';
import { FirstPartyError } from './problems.ts';

/** A token of a session that this issuer signed and that has not expired. It may have been revoked. */
export interface SessionToken {
  readonly token: OwnAccessToken;
  readonly sessionId: string;
}

/** @throws {FirstPartyError} `token_missing`, `invalid_token`. */
export function readSessionToken(parts: IssuerParts, request: FastifyRequest): SessionToken {
  const text = presentedToken(parts, request);
  const token = text === undefined ? undefined : parts.ownTokens.read(text);
  const sessionId = token?.claims.sid;
  if (token === undefined || sessionId === undefined || toSeconds(parts.runtime.nowMs()) >= token.claims.exp) {
    throw invalidToken();
  }
  return { token, sessionId };
}

function presentedToken(parts: IssuerParts, request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  const cookie = readTokenCookie(request, ACCESS_COOKIE);
  if (authorization === undefined) {
    if (cookie === undefined) throw new FirstPartyError('token_missing', 'an access token is needed as bearer');
    if (request.method !== 'GET') assertSameOrigin(request, parts.issuerUrl());
    return cookie;
  }
  if (cookie !== undefined) throw new FirstPartyError('invalid_request', 'two tokens are presented');
  return /^bearer +([A-Za-z0-9._~+/-]+=*)$/iu.exec(authorization)?.[1];
}

/** As {@link readSessionToken}, and not revoked. @throws {FirstPartyError} `token_missing`, `invalid_token`. */
export async function authenticateSession(parts: IssuerParts, request: FastifyRequest): Promise<SessionToken> {
  const presented = readSessionToken(parts, request);
  if (await isRevoked(parts.store, presented.token)) throw invalidToken();
  return presented;
}

function invalidToken(): FirstPartyError {
  const challenge = 'Bearer realm="sealgate", error="invalid_token"';
  const detail = 'the access token is invalid, expired, revoked or belongs to no session';
  return new FirstPartyError('invalid_token', detail, { challenge });
}
