/** A successful token answer (RFC 6749 section 5.1). */
import type { PreparedAccessToken } from '../tokens/access-token.ts';

export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope?: string;
  readonly refresh_token?: string;
}

/** Signs the token and lays out the answer. */
export async function tokenResponse(token: PreparedAccessToken, refreshToken?: string): Promise<TokenResponse> {
  const { scope, exp, iat } = token.claims;
  const signed = token.sign();
  return {
    access_token: signed instanceof Promise ? await signed : signed,
    token_type: 'Bearer',
    expires_in: exp - iat,
    // Always said: it may differ from what was asked for (section 3.3).
    ...(scope === undefined ? {} : { scope }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  };
}
