/**
 * The internal token: what an upstream gets instead of the caller's token. Signed by the gateway, good for seconds, for this upstream, and for
 * the one method and path it was made for, so that an upstream that is taken over cannot use it anywhere else (DESIGN.md section 3).
 *
 * `createGatewayGuard` of `@sealgate/guard` verifies it; any JWT library can, by the key set at the gateway's own address.
 */
import type { Derivation, JsonPointer, Principal } from '@sealgate/guard';
import { readPointer } from '@sealgate/guard';
import { signJwt } from '@sealgate/jwt';
import type { InternalTokensConfig } from '../config/internal-tokens-schema.ts';
import { EpochKeys } from './epoch-keys.ts';

/** Tells it from every other token (RFC 8725 section 3.11). */
export const INTERNAL_TYPE = 'internal+jwt';

/** Who gets the token, and what it says of the caller beside the usual. */
export interface InternalAudience {
  readonly audience: string;
  /** Claim of the token, and where its value is in the caller's. */
  readonly claims: readonly { readonly name: string; readonly pointer: JsonPointer }[];
}

interface Made {
  readonly token: string;
  readonly reuseUntilSeconds: number;
}

/** Tokens remembered for one caller. */
const MOST_REMEMBERED = 64;

export class InternalTokens {
  readonly #issuer: string;
  readonly #lifeSeconds: number;
  readonly #now: () => number;
  readonly #keys: EpochKeys;
  /** The same question within half a life is answered by the same token. */
  readonly #made: Derivation<Map<string, Made>> = { from: () => new Map() };

  /** @param now - Seconds since the Unix epoch. */
  constructor(config: InternalTokensConfig, now: () => number) {
    this.#issuer = config.url;
    this.#lifeSeconds = config.ttl / 1000;
    this.#now = now;
    this.#keys = new EpochKeys({ secret: config.secret.reveal(), rotateSeconds: config.rotateEvery / 1000, now });
  }

  /** JWK Set of the keys it signs with. */
  get jwks(): EpochKeys['jwks'] {
    return this.#keys.jwks;
  }

  /** What a verifier finds by the address alone (RFC 8414 section 2). */
  get metadata(): { readonly issuer: string; readonly jwks_uri: string } {
    return { issuer: this.#issuer, jwks_uri: `${this.#issuer.replace(/\/$/u, '')}/.well-known/jwks.json` };
  }

  /** @param path - As the upstream will see it, without the query. */
  tokenFor(principal: Principal, to: InternalAudience, method: string, path: string): string {
    const now = this.#now();
    const made = principal.derive(this.#made);
    const key = `${to.audience} ${method} ${path}`;
    const known = made.get(key);
    if (known !== undefined && now < known.reuseUntilSeconds) return known.token;
    const token = this.#sign(principal, to, method, path, now);
    if (made.size >= MOST_REMEMBERED) made.clear();
    made.set(key, { token, reuseUntilSeconds: Math.min(now + this.#lifeSeconds / 2, principal.expiresAtSeconds) });
    return token;
  }

  #sign(principal: Principal, to: InternalAudience, method: string, path: string, now: number): string {
    const claims: Record<string, unknown> = {};
    for (const { name, pointer } of to.claims) claims[name] = readPointer(principal.claims, pointer);
    return signJwt(
      {
        ...claims,
        iss: this.#issuer,
        aud: to.audience,
        sub: principal.subject,
        // Subjects of different issuers are different people.
        sub_iss: principal.issuer,
        client_id: principal.clientId,
        scope: principal.scopes.length === 0 ? undefined : principal.scopes.join(' '),
        roles: principal.roles.length === 0 ? undefined : principal.roles,
        iat: Math.floor(now),
        exp: Math.min(Math.ceil(now + this.#lifeSeconds), principal.expiresAtSeconds),
        htm: method,
        htp: path,
      },
      { key: this.#keys.current, typ: INTERNAL_TYPE },
    );
  }
}
