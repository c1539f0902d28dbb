/**
 * The refresh token grant (RFC 6749 section 6), with rotation and reuse detection (RFC 9700 section 4.14.2): one unit of work finds the
 * transition, makes it, and writes the new access token's row; on reuse it revokes the family and its access tokens instead.
 */
import type { Audit } from '../audit/audit-log.ts';
import type { AuditEvent, Origin } from '../audit/event.ts';
import type { Client } from '../clients/client.ts';
import { presentRefreshToken, type FamilyLifetimes, type StoredFamily } from '../families/refresh-families.ts';
import { formatRefreshToken, parseRefreshToken, type RefreshSecret } from '../families/refresh-token.ts';
import type { Confirmations } from '../revocation/confirmations.ts';
import { untilSecond } from '../revocation/hold.ts';
import { revokeFamily } from '../revocation/revoke.ts';
import type { Runtime } from '../runtime.ts';
import { noteSessionUse } from '../sessions/sessions.ts';
import type { Store } from '../store/store.ts';
import { insertAccessToken, type AccessTokens, type PreparedAccessToken } from '../tokens/access-token.ts';
import type { StatusPlaces } from '../tokens/status-index.ts';
import type { Standing } from '../users/users.ts';
import { GrantError } from './grant-error.ts';
import { grantedScope } from './scope.ts';
import type { Sender } from './sender.ts';
import { tokenResponse, type TokenResponse } from './token-response.ts';

export interface RefreshParts {
  readonly store: Store;
  readonly audit: Audit;
  readonly places: StatusPlaces;
  readonly accessTokens: AccessTokens;
  readonly confirmations: Confirmations;
  readonly runtime: Runtime;
  readonly lifetimes: FamilyLifetimes;
  readonly accessTokenTtlSeconds: number;
}

export interface RefreshRequest {
  readonly refreshToken: string;
  readonly scope: string | undefined;
  readonly sender: Sender;
  readonly origin: Origin;
}

export type RefreshResponse = TokenResponse & { readonly session: string };

type Outcome =
  | {
      readonly kind: 'granted';
      readonly token: PreparedAccessToken;
      readonly refreshToken: string;
      readonly session: string;
    }
  | { readonly kind: 'reuse'; readonly seq: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** Undoes the unit of work: a token of this moment would be among those that were revoked (ADR 6). */
class Held extends GrantError {
  readonly second: number;

  constructor(second: number) {
    super('temporarily_unavailable', 'no token can be issued in this second; try again shortly', 'clock_behind');
    this.second = second;
  }
}

/** @throws {GrantError} `unauthorized_client`, `invalid_scope`, `invalid_grant`, `temporarily_unavailable`. */
export async function refresh(parts: RefreshParts, client: Client, request: RefreshRequest): Promise<RefreshResponse> {
  if (!client.grants.has('refresh_token')) {
    throw new GrantError('unauthorized_client', 'this client may not use the refresh token grant');
  }
  const presented = parseRefreshToken(request.refreshToken);
  if (presented === undefined) {
    await parts.audit.record(eventOf(client, request, 'malformed'));
    throw invalidGrant('malformed');
  }
  const outcome = await present(parts, client, presented, request).catch(async (error: unknown) => {
    if (!(error instanceof Held)) throw error;
    await untilSecond(error.second, parts.runtime);
    // Held again, the clock of this process is behind by more than a second: said to the client, and to the log.
    return present(parts, client, presented, request);
  });
  if (outcome.kind === 'granted') {
    return { ...(await tokenResponse(outcome.token, outcome.refreshToken)), session: outcome.session };
  }
  if (outcome.kind === 'refused') throw invalidGrant(outcome.reason);
  // Answered only when no connected verifier lets the family's tokens through any more (ADR 7).
  await parts.confirmations.wait(outcome.seq);
  throw invalidGrant('reused');
}

async function present(
  parts: RefreshParts,
  client: Client,
  presented: RefreshSecret,
  request: RefreshRequest,
): Promise<Outcome> {
  const { store, audit, places, runtime, lifetimes } = parts;
  const place = await places.take();
  return store.write<Outcome>(async (tx) => {
    const nowMs = runtime.nowMs();
    const result = await presentRefreshToken(tx, presented, {
      clientId: client.id,
      sender: request.sender,
      nowMs,
      lifetimes,
      runtime,
    });
    if (result.kind === 'refused') {
      await audit.append(tx, eventOf(client, request, result.reason, result.family));
      return { kind: 'refused', reason: result.reason };
    }
    if (result.kind === 'reuse') {
      await audit.append(tx, eventOf(client, request, 'reused', result.family));
      const revoking = { nowMs, reason: 'reuse', ttlSeconds: parts.accessTokenTtlSeconds };
      return { kind: 'reuse', seq: await revokeFamily(tx, result.family.id, revoking) };
    }
    const { family, user, successor } = result;
    if (user.disabled) {
      // Disabling a user revokes the family in the same unit of work. Were it not so, a disabled user still gets nothing.
      await audit.append(tx, eventOf(client, request, 'user_disabled', family));
      return { kind: 'refused', reason: 'user_disabled' };
    }
    const token = accessTokenFor(parts, user, client, family, request, place);
    await noteSessionUse(
      tx,
      family.sessionId,
      nowMs,
      Math.min(nowMs + lifetimes.idleMs, family.expiresMs),
      request.origin,
    );
    await tx.runByEnd(insertAccessToken, token.row);
    await audit.append(tx, eventOf(client, request, undefined, family));
    return { kind: 'granted', token, refreshToken: formatRefreshToken(successor), session: family.sessionId };
  });
}

function accessTokenFor(
  parts: RefreshParts,
  user: Standing,
  client: Client,
  family: StoredFamily,
  request: RefreshRequest,
  place: Parameters<AccessTokens['prepare']>[1],
): PreparedAccessToken {
  // Narrower for this access token alone: the family keeps its scope (RFC 6749 section 6). Thrown, it undoes the rotation.
  const scope = grantedScope(request.scope, family.scope);
  if (scope === undefined) throw new GrantError('invalid_scope', 'the scope is malformed or exceeds what was granted');
  const token = parts.accessTokens.prepare(
    {
      subject: family.subject,
      clientId: family.clientId,
      audience: family.audience,
      scope,
      sessionId: family.sessionId,
      familyId: family.id,
      roles: user.roles,
      tenant: user.tenant,
      sender: request.sender,
      notAfterMs: family.expiresMs,
    },
    place,
  );
  const second = Math.max(user.notBeforeSeconds, client.notBeforeSeconds);
  if (token.row.issued < second) throw new Held(second);
  return token;
}

/** What the audit tells; `reason` where it was refused. */
function eventOf(
  { id: client }: Client,
  { origin }: RefreshRequest,
  reason: string | undefined,
  family?: StoredFamily,
): AuditEvent {
  return {
    event: 'refresh',
    outcome: reason === undefined ? 'success' : 'refused',
    reason,
    actor: { kind: 'client', id: client },
    subject: family?.subject,
    client,
    session: family?.sessionId,
    target: family && `family:${family.id}`,
    origin,
  };
}

/** One text for every reason (RFC 6749 section 5.2); the reason goes to the log. */
function invalidGrant(reason: string): GrantError {
  return new GrantError('invalid_grant', 'the refresh token is invalid, expired, revoked or was used before', reason);
}
