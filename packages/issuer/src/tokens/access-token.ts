/**
 * Access tokens: JWTs by the profile of RFC 9068, with a place in a status list (Token Status List, section 6). `prepare` decides
 * everything about a token, `insertAccessToken` writes its row in the unit of work that grants it, `sign` makes its text.
 */
import { isKey, signJwt, type Algorithm, type Key, type Signer } from '@sealgate/jwt';
import { IssuerError } from '../errors.ts';
import { GrantError } from '../grants/grant-error.ts';
import { confirmationOf, type ConfirmationClaim, type Sender } from '../grants/sender.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Runtime } from '../runtime.ts';
import { query } from '../store/query.ts';
import { algorithmForAudience, type AlgorithmSettings } from './algorithm-choice.ts';
import type { StatusPlace } from './status-index.ts';
import { createTokenId } from './token-id.ts';

/** Claims of our access tokens, as they stand in the token. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  readonly client_id: string;
  readonly scope?: string;
  readonly sid?: string;
  readonly roles?: readonly string[];
  readonly tenant?: string;
  readonly cnf?: ConfirmationClaim;
  readonly status: { readonly status_list: { readonly idx: number; readonly uri: string } };
}

/** Whom a token is for, and what it allows. */
export interface AccessTokenGrant {
  readonly subject: string;
  readonly clientId: string;
  readonly audience: readonly string[];
  readonly scope: readonly string[];
  readonly sessionId?: string;
  readonly familyId?: string;
  readonly roles?: readonly string[];
  readonly tenant?: string | undefined;
  /** Whose key or certificate it is bound to. */
  readonly sender: Sender;
  /** The token expires no later than this. */
  readonly notAfterMs?: number;
}

export interface PreparedAccessToken {
  readonly claims: AccessTokenClaims;
  readonly row: AccessTokenRow;
  /** A promise only when the key is somewhere else. */
  sign(): string | Promise<string>;
}

export type AccessTokenRow = Readonly<{
  list: number;
  idx: number;
  jti: string;
  kid: string;
  subject: string;
  client: string;
  session: string | null;
  family: string | null;
  issued: number;
  expires: number;
}>;

export interface AccessTokenSettings extends AlgorithmSettings {
  readonly ttlSeconds: number;
  /** Base of endpoint addresses; may be known only once the server listens. */
  readonly issuer: () => string;
}

export const ACCESS_TOKEN_TYP = 'at+jwt';

/** Writes the row of a token. */
export const insertAccessToken = query((db, p: AccessTokenRow) =>
  db.insertInto('access_token').values({
    list: p.list,
    idx: p.idx,
    jti: p.jti,
    kid: p.kid,
    subject: p.subject,
    client: p.client,
    session: p.session,
    family: p.family,
    issued_seconds: p.issued,
    expires_seconds: p.expires,
  }),
);

export class AccessTokens {
  readonly #settings: AccessTokenSettings;
  readonly #ring: KeyRing;
  readonly #runtime: Runtime;

  constructor(settings: AccessTokenSettings, ring: KeyRing, runtime: Runtime) {
    this.#settings = settings;
    this.#ring = ring;
    this.#runtime = runtime;
  }

  /**
   * @param place - Its own, taken from `StatusPlaces`, for each token.
   * @throws {GrantError} `invalid_target`: no one algorithm is for all of the audience; `temporarily_unavailable`: no key can sign.
   */
  prepare(grant: AccessTokenGrant, place: StatusPlace): PreparedAccessToken {
    const { ttlSeconds, issuer } = this.#settings;
    const algorithm = algorithmForAudience(this.#settings, grant.audience);
    if (algorithm === undefined) {
      throw new GrantError(
        'invalid_target',
        'these resources take tokens of different algorithms: ask for one of them',
      );
    }
    const key = this.#signingKey(algorithm);
    const iss = issuer();
    const iat = Math.floor(this.#runtime.nowMs() / 1000);
    const exp = Math.min(iat + ttlSeconds, Math.floor((grant.notAfterMs ?? Infinity) / 1000));
    const jti = createTokenId(place, this.#runtime);
    const { subject, clientId, audience, scope, sessionId, familyId, roles, tenant } = grant;
    const cnf = confirmationOf(grant.sender);
    const claims: AccessTokenClaims = {
      iss,
      sub: subject,
      aud: audience.length === 1 ? (audience[0] ?? '') : audience,
      exp,
      iat,
      jti,
      client_id: clientId,
      ...(scope.length === 0 ? {} : { scope: scope.join(' ') }),
      ...(sessionId === undefined ? {} : { sid: sessionId }),
      ...(roles === undefined ? {} : { roles }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(cnf === undefined ? {} : { cnf }),
      status: { status_list: { idx: place.index, uri: `${iss}/v1/status-lists/${place.list}` } },
    };
    const row: AccessTokenRow = {
      list: place.list,
      idx: place.index,
      jti,
      kid: key.kid ?? '',
      subject,
      client: clientId,
      session: sessionId ?? null,
      family: familyId ?? null,
      issued: iat,
      expires: exp,
    };
    return { claims, row, sign: () => signWith(key, claims, ACCESS_TOKEN_TYP) };
  }

  #signingKey(algorithm: Algorithm): Key | Signer {
    try {
      return this.#ring.active(algorithm);
    } catch (error) {
      if (!(error instanceof IssuerError)) throw error;
      throw new GrantError('temporarily_unavailable', 'no token can be signed at this moment', error.code);
    }
  }
}

/** Signs with a key at hand or with one somewhere else. */
export function signWith(key: Key | Signer, claims: object, typ: string): string | Promise<string> {
  return isKey(key) ? signJwt({ ...claims }, { key, typ }) : signJwt({ ...claims }, { key, typ });
}
