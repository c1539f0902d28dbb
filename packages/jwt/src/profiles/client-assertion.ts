/**
 * Client assertions, `private_key_jwt` and `client_secret_jwt` (RFC 7523 section 3), as rules for `createVerifier`.
 */
import type { Claims } from '../claims/claims.ts';
import { refusal } from '../errors.ts';
import type { Key } from '../keys/key.ts';
import type { KeyResolver, TokenRules } from '../verify/rules.ts';
import type { ProfileOptions } from './access-token.ts';

type AnyKeys = Key | readonly Key[] | KeyResolver;

/** Options of `clientAssertionProfile` (RFC 7523 section 3). */
export type ClientAssertionOptions<Keys extends AnyKeys, Output = Claims> = Omit<
  ProfileOptions<Keys, Output>,
  'issuer' | 'audience'
> & {
  /** The client: `iss` and `sub`. */
  readonly clientId: string;
  /** The authorization server's issuer identifier; its token endpoint too where old clients name that. */
  readonly audience: string | readonly string[];
  /** Longest time from `iat` to `exp`, seconds. Default 300: a stolen assertion is good for no longer. */
  readonly maxLifeSeconds?: number;
};

/**
 * Rules for the assertions of one client: `iss` and `sub` are the client, `iat` and `jti` present, a short life. The server
 * remembers each `jti` until the assertion expires.
 */
export function clientAssertionProfile<Keys extends AnyKeys, Output = Claims>(
  options: ClientAssertionOptions<Keys, Output>,
): TokenRules<Keys, Output> {
  const { clientId, maxLifeSeconds = 300, ...rest } = options;
  return {
    ...(rest as Omit<TokenRules<Keys, Output>, 'issuer'>),
    issuer: clientId,
    requiredClaims: ['sub', 'iat', 'jti', ...(options.requiredClaims ?? [])],
    profileRules: [
      (claims) => {
        if (claims.sub !== clientId) throw refusal('claim_mismatch', { claim: 'sub' });
        const { exp = Number.NaN, iat = Number.NaN } = claims;
        if (!(exp - iat <= maxLifeSeconds))
          throw refusal('claim_mismatch', { claim: 'exp', reason: 'the life is too long', limit: maxLifeSeconds });
      },
    ],
  };
}
