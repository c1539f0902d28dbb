/**
 * Who may administrate: whoever presents an access token (typ `at+jwt`, RFC 9068) of this issuer for its administration (`aud`), that has
 * not been revoked, with the scope `sealgate:admin`. What a client may do its scope says, what a user may do a role: a user's token counts if the
 * user has the role `sealgate:admin` now, and a user of a tenant administrates its users alone. Cookies are not looked at.
 */
import { DPOP_ALGORITHMS } from '@sealgate/jwt';
import type { FastifyRequest } from 'fastify';
import type { AdminCaller } from '../../admin/context.ts';
import type { Actor } from '../../audit/event.ts';
import { ADMIN_SCOPE, adminAudience } from '../../clients/built-in-operator.ts';
import { GrantError } from '../../grants/grant-error.ts';
import { toSeconds } from '../../runtime.ts';
import type { OwnAccessToken } from '../../tokens/own-tokens.ts';
import { findUser, type User } from '../../users/users.ts';
import { isPresentedRightly, parseAuthorization, type PresentedToken } from '../bearer.ts';
import type { IssuerParts } from '../context.ts';
import { originOf } from '../origin-of.ts';
import { FirstPartyError } from '../problems.ts';

/** The role of users who may administrate. */
export const ADMIN_ROLE = ADMIN_SCOPE;

/** A call that was refused, and by whom it was made as far as that is proven. */
export class AdminRefusal extends FirstPartyError {
  readonly actor: Actor;

  constructor(
    code: 'token_missing' | 'invalid_token' | 'insufficient_scope',
    reason: string,
    actor: Actor = { kind: 'anonymous' },
    scheme: PresentedToken['scheme'] = 'bearer',
  ) {
    super(code, DETAILS[code], { reason, challenge: challenge(code, scheme) });
    this.actor = actor;
  }
}

const DETAILS = {
  token_missing: `an access token with the scope ${ADMIN_SCOPE} is needed`,
  invalid_token: 'the access token is invalid, expired, revoked or not for the administration of this issuer',
  insufficient_scope: 'the access token does not allow this',
} as const;

/** RFC 6750 section 3, RFC 9449 section 7.1. */
function challenge(code: keyof typeof DETAILS, scheme: PresentedToken['scheme']): string {
  const error = code === 'token_missing' ? '' : `, error="${code}"`;
  const scope = code === 'invalid_token' ? '' : `, scope="${ADMIN_SCOPE}"`;
  if (scheme === 'bearer') return `Bearer realm="sealgate"${error}${scope}`;
  return `DPoP realm="sealgate"${error}${scope}, algs="${DPOP_ALGORITHMS.join(' ')}"`;
}

/** @throws {AdminRefusal} */
export async function authorizeAdmin(parts: IssuerParts, request: FastifyRequest): Promise<AdminCaller> {
  const { authorization } = request.headers;
  if (authorization === undefined) throw new AdminRefusal('token_missing', 'token_missing');
  const presented = parseAuthorization(authorization);
  const token = presented.text === undefined ? undefined : parts.ownTokens.read(presented.text);
  if (token === undefined) {
    throw new AdminRefusal('invalid_token', 'not_an_access_token', undefined, presented.scheme);
  }
  const { claims } = token;
  const actor: Actor =
    claims.sid === undefined ? { kind: 'client', id: claims.client_id } : { kind: 'user', id: claims.sub };
  const refuse = (code: 'invalid_token' | 'insufficient_scope', reason: string): never => {
    throw new AdminRefusal(code, reason, actor, presented.scheme);
  };
  if (toSeconds(parts.runtime.nowMs()) >= claims.exp) refuse('invalid_token', 'expired');
  if (![claims.aud].flat().includes(adminAudience(parts.issuerUrl()))) refuse('invalid_token', 'other_audience');
  if (!(await isProven(parts, request, presented, token))) refuse('invalid_token', 'sender_not_proven');
  if (await parts.tokenStatus.isRevoked(token)) refuse('invalid_token', 'revoked');
  const user = actor.kind === 'user' ? await findUser(parts.store, actor.id) : undefined;
  if (actor.kind === 'user' && (user === undefined || user.disabled)) refuse('invalid_token', 'revoked');
  if (claims.scope?.split(' ').includes(ADMIN_SCOPE) !== true) refuse('insufficient_scope', 'scope_missing');
  if (!mayAdministrate(user)) refuse('insufficient_scope', 'role_missing');
  return { actor, origin: originOf(request), tenant: user?.tenant };
}

/** Not a user: a client in its own name. */
function mayAdministrate(user: User | undefined): boolean {
  return user === undefined || user.roles.includes(ADMIN_ROLE);
}

async function isProven(
  parts: IssuerParts,
  request: FastifyRequest,
  presented: PresentedToken,
  token: OwnAccessToken,
): Promise<boolean> {
  try {
    return await isPresentedRightly(parts, request, presented, token);
  } catch (error) {
    // As a resource server says it: with 401, and not in the words of the token endpoint.
    if (error instanceof GrantError) return false;
    throw error;
  }
}
