/**
 * ID tokens (OpenID Connect Core 1.0 sections 2 and 3.1.3.7), as rules for `createVerifier`, and their binding to a request.
 */
import { createHash } from 'node:crypto';
import type { Claims } from '../claims/claims.ts';
import { numericDate } from '../claims/time.ts';
import { refusal } from '../errors.ts';
import { ALGORITHMS, isAlgorithm } from '../algorithms.ts';
import type { Key } from '../keys/key.ts';
import type { VerifiedJwt } from '../verify/outcome.ts';
import type { KeyResolver, TokenRules } from '../verify/rules.ts';
import type { ProfileOptions } from './access-token.ts';
import { LOGOUT_EVENT } from './logout-token.ts';

type AnyKeys = Key | readonly Key[] | KeyResolver;

/** Options of `idTokenProfile` (OpenID Connect Core 1.0 section 2). */
export type IdTokenOptions<Keys extends AnyKeys, Output = Claims> = Omit<ProfileOptions<Keys, Output>, 'audience'> & {
  /** The client that asked: the token's audience, and its `azp` where there is one. */
  readonly clientId: string;
};

/** Rules for ID tokens: audience is the client, `sub` and `iat` present, `azp` is the client where given or where several audiences are. */
export function idTokenProfile<Keys extends AnyKeys, Output = Claims>(
  options: IdTokenOptions<Keys, Output>,
): TokenRules<Keys, Output> {
  const { clientId, ...rest } = options;
  return {
    ...(rest as Omit<TokenRules<Keys, Output>, 'audience'>),
    audience: clientId,
    requiredClaims: ['sub', 'iat', ...(options.requiredClaims ?? [])],
    profileRules: [
      (claims) => {
        const several = Array.isArray(claims.aud) && claims.aud.length > 1;
        if (several && claims['azp'] === undefined) throw refusal('claim_missing', { claim: 'azp' });
        if (claims['azp'] !== undefined && claims['azp'] !== clientId)
          throw refusal('claim_mismatch', { claim: 'azp' });
        const events = claims['events'];
        if (typeof events === 'object' && events !== null && Object.hasOwn(events, LOGOUT_EVENT)) {
          throw refusal('typ_mismatch', { claim: 'events', reason: 'a logout token' });
        }
      },
    ],
  };
}

/** What ties an ID token to the request it answers (OpenID Connect Core 1.0 sections 3.1.3.7 and 3.3.2.11). */
export interface IdTokenBinding {
  /** The nonce sent with the authentication request. */
  readonly nonce?: string;
  /** The access token that came with it: its hash must be `at_hash`. */
  readonly accessToken?: string;
  /** The code that came with it: its hash must be `c_hash`. */
  readonly code?: string;
  /** How long ago the user may have signed in, seconds; needs `nowSeconds`. */
  readonly maxAuthAgeSeconds?: number;
  /** The present, seconds since 1970. */
  readonly nowSeconds?: number;
}

/**
 * Throws unless a verified ID token belongs to this request. What is not given is not asked, but a nonce in the token that nobody
 * sent is refused.
 *
 * @throws {JwtError} `claim_missing`, `claim_mismatch`, `claim_malformed`, `token_too_old`.
 */
export function assertIdTokenBinding(token: VerifiedJwt, binding: IdTokenBinding): void {
  const { header, claims } = token;
  if (claims['nonce'] !== binding.nonce)
    throw refusal(claims['nonce'] === undefined ? 'claim_missing' : 'claim_mismatch', { claim: 'nonce' });
  if (binding.accessToken !== undefined) assertHash(claims, 'at_hash', binding.accessToken, header.alg);
  if (binding.code !== undefined) assertHash(claims, 'c_hash', binding.code, header.alg);
  if (binding.maxAuthAgeSeconds === undefined) return;
  const authTime = numericDate(claims, 'auth_time');
  if (authTime === undefined) throw refusal('claim_missing', { claim: 'auth_time' });
  if (binding.nowSeconds === undefined)
    throw new TypeError('assertIdTokenBinding: `maxAuthAgeSeconds` needs `nowSeconds`');
  if (!(binding.nowSeconds < authTime + binding.maxAuthAgeSeconds))
    throw refusal('token_too_old', { claim: 'auth_time' });
}

/** Left half of the hash of the token's own algorithm; SHA-512 for Ed25519 (OpenID Connect Core section 3.1.3.6). */
function assertHash(claims: Claims, claim: 'at_hash' | 'c_hash', value: string, alg: string): void {
  const info = isAlgorithm(alg) ? ALGORITHMS[alg] : undefined;
  const hash = info !== undefined && 'hash' in info ? info.hash : alg === 'Ed448' ? 'shake256' : 'sha512';
  const digest = createHash(hash, hash === 'shake256' ? { outputLength: 114 } : {})
    .update(value, 'ascii')
    .digest();
  const expected = digest.subarray(0, digest.length / 2).toString('base64url');
  if (claims[claim] === undefined) throw refusal('claim_missing', { claim });
  if (claims[claim] !== expected) throw refusal('claim_mismatch', { claim });
}
