/**
 * First-party login with user name and password: a session, a refresh family where the client may refresh, and a first access token,
 * in one unit of work. Takes as long, and says the same, whether or not the user exists.
 */
import type { Audit } from '../audit/audit-log.ts';
import type { Origin } from '../audit/event.ts';
import type { Client } from '../clients/client.ts';
import type { Clients } from '../clients/clients.ts';
import { createFamily, type FamilyLifetimes } from '../families/refresh-families.ts';
import { createRefreshSecret, formatRefreshToken } from '../families/refresh-token.ts';
import { createId, type Runtime } from '../runtime.ts';
import { untilSecond } from '../revocation/hold.ts';
import { createSession } from '../sessions/sessions.ts';
import type { Store } from '../store/store.ts';
import { insertAccessToken, type AccessTokens, type PreparedAccessToken } from '../tokens/access-token.ts';
import type { StatusPlaces } from '../tokens/status-index.ts';
import type { AdmittedAttempt, LoginLimits } from '../users/login-limits.ts';
import { PasswordQueueFull, type Passwords } from '../users/passwords.ts';
import { canonicalUsername } from '../users/username.ts';
import { findUserByName, keepUser, upgradeHash, type User } from '../users/users.ts';
import { grantedAudience } from './audience.ts';
import { GrantError } from './grant-error.ts';
import { grantedScope } from './scope.ts';
import { BEARER, type Sender } from './sender.ts';
import { tokenResponse, type TokenResponse } from './token-response.ts';

export interface LoginParts {
  readonly store: Store;
  readonly audit: Audit;
  readonly clients: Clients;
  readonly passwords: Passwords;
  readonly loginLimits: LoginLimits;
  readonly places: StatusPlaces;
  readonly accessTokens: AccessTokens;
  readonly runtime: Runtime;
  readonly lifetimes: FamilyLifetimes;
  readonly defaultAudience: readonly string[];
}

export interface LoginRequest {
  readonly username: string;
  readonly password: string;
  /** What an earlier login on this device was given. */
  readonly deviceToken: string | undefined;
  readonly scope: string | undefined;
  readonly resource: string | undefined;
  readonly sender: Sender;
  readonly origin: Origin;
}

/** The answer to a login: tokens, the session they belong to, and what makes the device known. */
export type LoginResponse = TokenResponse & { readonly session: string; readonly device_token: string };

/**
 * @throws {GrantError} `unauthorized_client`, `invalid_scope`, `invalid_target`, `invalid_grant`, `temporarily_unavailable`.
 * @throws {TooManyAttempts}
 */
export async function login(parts: LoginParts, client: Client, request: LoginRequest): Promise<LoginResponse> {
  if (!client.grants.has('login')) throw new GrantError('unauthorized_client', 'this client may not log users in');
  const scope = grantedScope(request.scope, client.scopes);
  if (scope === undefined)
    throw new GrantError('invalid_scope', 'the scope is malformed or exceeds what this client may have');
  const audience = grantedAudience(request.resource, client.audiences, parts.defaultAudience);
  const { username, deviceToken, origin, sender } = request;
  const user = await findUserByName(parts.store, username);
  const account = canonicalUsername(username) ?? username;
  return parts.loginLimits.during('login', { account, user, deviceToken, origin }, async (attempt) => {
    const authenticated = { user: await authenticate(parts, client, request, user, attempt), attempt };
    return openedSession(parts, client, authenticated, { scope, audience, sender, origin });
  });
}

async function openedSession(
  parts: LoginParts,
  client: Client,
  authenticated: Authenticated,
  granted: GrantedLogin,
): Promise<LoginResponse> {
  const { user, attempt } = authenticated;
  for (;;) {
    const opened = await openSession(parts, client, authenticated, granted);
    if (opened.kind === 'opened') {
      return {
        ...(await tokenResponse(opened.token, opened.refreshToken)),
        session: opened.session,
        device_token: parts.loginLimits.devices.remember(user.id, attempt.device),
      };
    }
    if (opened.kind === 'refused') throw await refusal(parts, client, granted.origin, opened.reason, user.id);
    await untilSecond(opened.second, parts.runtime);
  }
}

interface Authenticated {
  readonly user: User;
  readonly attempt: AdmittedAttempt;
}

/** The user, if the password is theirs. */
async function authenticate(
  parts: LoginParts,
  client: Client,
  { password, origin }: LoginRequest,
  user: User | undefined,
  attempt: AdmittedAttempt,
): Promise<User> {
  const { store, passwords, runtime } = parts;
  try {
    const right = await passwords.verify(password, user?.passwordHash);
    if (user === undefined) throw await refusal(parts, client, origin, 'unknown_user');
    // A disabled user is told no more than one who does not exist.
    if (user.disabled) throw await refusal(parts, client, origin, 'user_disabled', user.id);
    if (!right) throw await refusal(parts, client, origin, 'wrong_password', user.id);
    if (!passwords.isOutdated(user.passwordHash)) return user;
    const passwordHash = await passwords.hash(password);
    const upgraded = await upgradeHash(store, user, passwordHash, runtime.nowMs());
    if (!upgraded) throw await refusal(parts, client, origin, 'wrong_password', user.id);
    return { ...user, passwordHash };
  } catch (error) {
    if (!(error instanceof PasswordQueueFull)) throw error;
    await attempt.notLookedAt();
    throw new GrantError('temporarily_unavailable', 'too many logins at this moment; try again shortly');
  }
}

/** Writes down why, and makes the one answer for every reason. */
async function refusal(
  { audit }: LoginParts,
  { id: client }: Client,
  origin: Origin,
  reason: 'unknown_user' | 'wrong_password' | 'user_disabled',
  subject?: string,
): Promise<GrantError> {
  await audit.record({
    event: 'login',
    outcome: 'refused',
    reason,
    actor: { kind: 'anonymous' },
    subject,
    client,
    origin,
  });
  return new GrantError('invalid_grant', 'the user name or the password is wrong', reason);
}

interface GrantedLogin {
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  readonly sender: Sender;
  readonly origin: Origin;
}

type Opened =
  | {
      readonly kind: 'opened';
      readonly session: string;
      readonly token: PreparedAccessToken;
      readonly refreshToken: string | undefined;
    }
  | { readonly kind: 'held'; readonly second: number }
  | { readonly kind: 'refused'; readonly reason: 'user_disabled' | 'wrong_password' };

async function openSession(
  parts: LoginParts,
  client: Client,
  { user: authenticated, attempt }: Authenticated,
  { scope, audience, sender, origin }: GrantedLogin,
): Promise<Opened> {
  const { store, audit, clients, places, accessTokens, runtime, lifetimes } = parts;
  const sessionId = createId(runtime, 'ses_');
  const familyId = createId(runtime, 'fam_');
  const secret = createRefreshSecret(runtime);
  const refreshes = client.grants.has('refresh_token');
  const place = await places.take();
  return store.write<Opened>(async (tx) => {
    // Held until the commit: whoever disables or revokes this user or client comes before it, or hits what it makes.
    const user = await keepUser(tx, authenticated.id);
    const current = await clients.keep(tx, client.id);
    if (user === undefined || user.disabled) return { kind: 'refused', reason: 'user_disabled' };
    // Changed since it was checked: what was proven is not the password any more.
    if (user.passwordHash !== authenticated.passwordHash) return { kind: 'refused', reason: 'wrong_password' };
    if (current === undefined || current.disabled)
      throw new GrantError('invalid_client', 'client authentication failed');
    const nowMs = runtime.nowMs();
    const expiresMs = nowMs + lifetimes.absoluteMs;
    const idleExpiresMs = Math.min(nowMs + lifetimes.idleMs, expiresMs);
    const token = accessTokens.prepare(
      {
        subject: user.id,
        clientId: client.id,
        audience,
        scope,
        sessionId,
        ...(refreshes ? { familyId } : {}),
        roles: user.roles,
        tenant: user.tenant,
        sender,
        notAfterMs: expiresMs,
      },
      place,
    );
    const second = Math.max(user.notBeforeSeconds, current.notBeforeSeconds);
    if (token.row.issued < second) return { kind: 'held', second };
    await createSession(tx, {
      id: sessionId,
      subject: user.id,
      clientId: client.id,
      nowMs,
      idleExpiresMs,
      expiresMs,
      methods: ['pwd'],
      device: origin,
    });
    if (refreshes) {
      const family = {
        id: familyId,
        sessionId,
        subject: user.id,
        clientId: client.id,
        scope,
        audience,
        // A confidential client proves itself with each refresh; of a public one the key is all there is (RFC 9449 section 5).
        sender: client.authentication === 'none' ? sender : BEARER,
      };
      await createFamily(tx, { ...family, nowMs, idleExpiresMs, expiresMs, secret });
    }
    await tx.run(insertAccessToken, token.row);
    await attempt.succeeded(tx);
    await audit.append(tx, {
      event: 'login',
      actor: { kind: 'user', id: user.id },
      subject: user.id,
      client: client.id,
      session: sessionId,
      origin,
    });
    return {
      kind: 'opened',
      session: sessionId,
      token,
      refreshToken: refreshes ? formatRefreshToken(secret) : undefined,
    };
  });
}
