/** A successful token answer (RFC 6749 section 5.1). */
import { isJwtError } from '@sealgate/jwt';
import type { AccessTokenClaims, PreparedAccessToken } from '../tokens/access-token.ts';
import { GrantError } from './grant-error.ts';

export type TokenType = 'Bearer' | 'DPoP';

/** RFC 9449 section 5: how the token is to be presented. One that is bound to a certificate is a bearer token (RFC 8705 section 3). */
export function tokenType({ cnf }: AccessTokenClaims): TokenType {
  return cnf?.jkt === undefined ? 'Bearer' : 'DPoP';
}

export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: TokenType;
  readonly expires_in: number;
  readonly scope?: string;
  readonly refresh_token?: string;
}

/** Signs the token and lays out the answer. @throws {GrantError} `temporarily_unavailable` where a key store makes no signature. */
export async function tokenResponse(token: PreparedAccessToken, refreshToken?: string): Promise<TokenResponse> {
  const { scope, exp, iat } = token.claims;
  const signed = token.sign();
  return {
    access_token: signed instanceof Promise ? await signed.catch(refuse) : signed,
    token_type: tokenType(token.claims),
    expires_in: exp - iat,
    // Always said: it may differ from what was asked for (section 3.3).
    ...(scope === undefined ? {} : { scope }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  };
}

/** The key store is away: what was granted is kept, and a retry gets its token (a refresh, the same successor). */
function refuse(error: unknown): never {
  if (!isJwtError(error) || error.code !== 'signing_failed') throw error;
  throw new GrantError(
    'temporarily_unavailable',
    'no token can be signed at this moment; try again shortly',
    'signing_failed',
  );
}
