/**
 * Reads access tokens that this issuer signed, for whatever audience: introspection, revocation and logout ask about them. Whether
 * a token has been revoked is asked of the log by `revocation/token-status.ts`.
 */
import { JwtError, verifyJws } from '@sealgate/jwt';
import type { KeyRing } from '../keys/key-ring.ts';
import { ACCESS_TOKEN_TYP, type AccessTokenClaims } from './access-token.ts';
import type { StatusPlace } from './status-index.ts';

export interface OwnAccessToken {
  readonly claims: AccessTokenClaims;
  readonly kid: string;
  readonly place: StatusPlace;
}

/** Verified tokens remembered, by their whole text: a signature costs 85 us to check, a look-up none. */
const MOST_REMEMBERED = 20_000;

export class OwnTokens {
  readonly #ring: KeyRing;
  readonly #issuer: () => string;
  #remembered = new Map<string, OwnAccessToken>();

  constructor(ring: KeyRing, issuer: () => string) {
    this.#ring = ring;
    this.#issuer = issuer;
    // A key that is withdrawn takes its tokens with it.
    ring.onChange(() => this.#remembered.clear());
  }

  /** The token, if this issuer signed it as an access token with a key that counts. It may have expired or been revoked. */
  read(token: string): OwnAccessToken | undefined {
    const known = this.#remembered.get(token);
    if (known !== undefined) return known;
    const read = this.#verify(token);
    if (read === undefined) return undefined;
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(token, read);
    return read;
  }

  #verify(token: string): OwnAccessToken | undefined {
    try {
      const { header, payload, key } = verifyJws(token, this.#ring.verifying);
      if (header.typ !== ACCESS_TOKEN_TYP) return undefined;
      // Signed by us, so these are the claims that `prepare` made.
      const claims = JSON.parse(Buffer.from(payload).toString()) as AccessTokenClaims;
      if (claims.iss !== this.#issuer()) return undefined;
      const { idx, uri } = claims.status.status_list;
      return { claims, kid: key.kid ?? '', place: { list: Number(uri.slice(uri.lastIndexOf('/') + 1)), index: idx } };
    } catch (error) {
      if (error instanceof JwtError) return undefined;
      throw error;
    }
  }
}
