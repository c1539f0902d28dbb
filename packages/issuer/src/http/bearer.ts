/**
 * The access token that a request presents, for the endpoints that act for a session: as bearer (RFC 6750 section 2.1), with a DPoP proof
 * (RFC 9449 section 7.1), or in the cookie of `"transport": "cookie"`. One that is bound to a key or certificate counts only with it.
 */
import type { FastifyRequest } from 'fastify';
import { toSeconds } from '../runtime.ts';
import type { OwnAccessToken } from '../tokens/own-tokens.ts';
import type { IssuerParts } from './context.ts';
import { ACCESS_COOKIE, assertSameOrigin, readTokenCookie } from './cookies.ts';
import { FirstPartyError } from './problems.ts';
import { provePossession } from './sender-proofs.ts';

/** A token of a session that this issuer signed and that has not expired. It may have been revoked. */
export interface SessionToken {
  readonly token: OwnAccessToken;
  readonly sessionId: string;
}

/** @throws {FirstPartyError} `token_missing`, `invalid_token`. @throws {GrantError} `invalid_dpop_proof`. */
export async function readSessionToken(parts: IssuerParts, request: FastifyRequest): Promise<SessionToken> {
  const presented = presentedToken(parts, request);
  const { text } = presented;
  const token = text === undefined ? undefined : parts.ownTokens.read(text);
  const sessionId = token?.claims.sid;
  if (token === undefined || sessionId === undefined || toSeconds(parts.runtime.nowMs()) >= token.claims.exp) {
    throw invalidToken();
  }
  if (!(await isPresentedRightly(parts, request, presented, token))) throw invalidToken();
  return { token, sessionId };
}

export interface PresentedToken {
  readonly scheme: 'bearer' | 'dpop';
  readonly text: string | undefined;
}

function presentedToken(parts: IssuerParts, request: FastifyRequest): PresentedToken {
  const { authorization } = request.headers;
  const cookie = readTokenCookie(request, ACCESS_COOKIE);
  if (authorization === undefined) {
    if (cookie === undefined) throw new FirstPartyError('token_missing', 'an access token is needed as bearer');
    if (request.method !== 'GET') assertSameOrigin(request, parts.issuerUrl());
    return { scheme: 'bearer', text: cookie };
  }
  if (cookie !== undefined) throw new FirstPartyError('invalid_request', 'two tokens are presented');
  return parseAuthorization(authorization);
}

/** RFC 6750 section 2.1, RFC 9449 section 7.1. */
export function parseAuthorization(authorization: string): PresentedToken {
  const [, scheme = '', text] = /^(bearer|dpop) +([A-Za-z0-9._~+/-]+=*)$/iu.exec(authorization) ?? [];
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', text };
}

/**
 * That the sender holds what the token is bound to. RFC 9449 section 7.2: neither a bound token as bearer, nor a bearer token with a proof.
 *
 * @returns false for the wrong scheme. @throws {GrantError} `invalid_dpop_proof`, `invalid_grant`.
 */
export async function isPresentedRightly(
  parts: IssuerParts,
  request: FastifyRequest,
  { scheme, text }: PresentedToken,
  { claims: { cnf } }: OwnAccessToken,
): Promise<boolean> {
  if ((cnf?.jkt === undefined) !== (scheme === 'bearer')) return false;
  if (cnf !== undefined) await provePossession(parts.senders, request, text ?? '', cnf);
  return true;
}

/** As {@link readSessionToken}, and not revoked. @throws {FirstPartyError} `token_missing`, `invalid_token`. */
export async function authenticateSession(parts: IssuerParts, request: FastifyRequest): Promise<SessionToken> {
  const presented = await readSessionToken(parts, request);
  if (await parts.tokenStatus.isRevoked(presented.token)) throw invalidToken();
  return presented;
}

function invalidToken(): FirstPartyError {
  const challenge = 'Bearer realm="sealgate", error="invalid_token"';
  const detail = 'the access token is invalid, expired, revoked or belongs to no session';
  return new FirstPartyError('invalid_token', detail, { challenge });
}
