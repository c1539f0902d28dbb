/**
 * JWT profile for OAuth 2.0 access tokens (RFC 9068 section 4), as rules for `createVerifier`.
 */
import type { Claims } from '../claims/claims.ts';
import type { Key } from '../keys/key.ts';
import type { KeyResolver, TokenRules } from '../verify/rules.ts';

/** Everything of `TokenRules` but what the profile fixes. */
export type ProfileOptions<Keys extends Key | readonly Key[] | KeyResolver, Output = Claims> = Omit<
  TokenRules<Keys, Output>,
  'typ' | 'profileRules'
>;

/**
 * Rules for access tokens: `typ: at+jwt`, and `iss sub aud exp iat jti client_id` present.
 *
 * @example
 * const verifier = createVerifier(accessTokenProfile({ issuer, audience, keys, algorithms: ['ES256'] }));
 */
export function accessTokenProfile<Keys extends Key | readonly Key[] | KeyResolver, Output = Claims>(
  options: ProfileOptions<Keys, Output>,
): TokenRules<Keys, Output> {
  return {
    ...options,
    typ: 'at+jwt',
    requiredClaims: ['sub', 'iat', 'jti', 'client_id', ...(options.requiredClaims ?? [])],
  };
}
