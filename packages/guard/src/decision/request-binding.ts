/**
 * Whether a token was made for this very request: `htm` is its method, `htp` its path without the query.
 *
 * Internal tokens of a gateway are (`sealgate`'s `identity: { mode: internal }`), so that an upstream cannot use one that it was sent anywhere else.
 */
import type { VerifiedClaims } from './principal.ts';
import type { RequestFacts } from './verdict.ts';

export function isMadeFor(claims: VerifiedClaims, { method, path }: RequestFacts): boolean {
  return claims['htm'] === method && claims['htp'] === path;
}
