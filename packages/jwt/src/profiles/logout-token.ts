/**
 * Logout tokens (OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6), as rules for `createVerifier`.
 */
import type { Claims } from '../claims/claims.ts';
import { refusal } from '../errors.ts';
import type { Key } from '../keys/key.ts';
import { isJsonObject } from '../parse/json.ts';
import type { KeyResolver, TokenRules } from '../verify/rules.ts';
import type { ProfileOptions } from './access-token.ts';

/** The member of `events` that makes a token a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Rules for logout tokens: `typ: logout+jwt`; `iat`, `jti` and the logout event present; `sub` or `sid`; no `nonce`, which tells
 * them from ID tokens. Whoever receives one remembers its `jti` until it expires.
 */
export function logoutTokenProfile<Keys extends Key | readonly Key[] | KeyResolver, Output = Claims>(
  options: ProfileOptions<Keys, Output>,
): TokenRules<Keys, Output> {
  return {
    ...options,
    typ: 'logout+jwt',
    requiredClaims: ['iat', 'jti', 'events', ...(options.requiredClaims ?? [])],
    profileRules: [
      (claims) => {
        const events = claims['events'];
        if (!isJsonObject(events) || !Object.hasOwn(events, LOGOUT_EVENT) || !isJsonObject(events[LOGOUT_EVENT])) {
          throw refusal('claim_mismatch', { claim: 'events', reason: 'not the back-channel logout event' });
        }
        if (claims['nonce'] !== undefined)
          throw refusal('claim_mismatch', { claim: 'nonce', reason: 'forbidden in a logout token' });
        if (claims.sub === undefined && claims['sid'] === undefined)
          throw refusal('claim_missing', { claim: 'sub', reason: 'neither sub nor sid' });
      },
    ],
  };
}
