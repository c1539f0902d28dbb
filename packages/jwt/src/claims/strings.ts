/**
 * Claims that name somebody or something: `iss`, `aud`, `sub`, `jti` and their like (RFC 7519 section 4.1).
 *
 * Exact comparison only: no prefixes, no patterns, no case folding. Runs in a browser.
 */
import { refusal } from '../errors.ts';
import { claimOf, type Claims } from './claims.ts';

/** Registered claims that are strings wherever they appear. */
const STRING_CLAIMS = ['iss', 'sub', 'jti', 'client_id', 'azp', 'nonce', 'sid', 'scope', 'acr'] as const;

/**
 * Throws where a registered string claim is present and not a non-empty string.
 *
 * @param scopeMayBeList - Also takes `scope` as an array of strings, which RFC 8693 section 4.2 does not know but issuers write.
 * @throws {JwtError} `claim_malformed`.
 */
export function assertStringClaims(claims: Claims, scopeMayBeList = false): void {
  for (const name of STRING_CLAIMS) {
    const value = claims[name];
    if (value === undefined) continue;
    if (scopeMayBeList && name === 'scope' && Array.isArray(value)) {
      if (value.every((scope) => typeof scope === 'string')) continue;
      throw refusal('claim_malformed', { claim: name, reason: 'not an array of strings' });
    }
    // An empty scope is a scope: the token grants nothing.
    if (typeof value !== 'string' || (value === '' && name !== 'scope')) {
      throw refusal('claim_malformed', { claim: name, reason: 'not a non-empty string' });
    }
  }
}

/** Throws unless each of `names` is present and not null. @throws {JwtError} `claim_missing`. */
export function assertRequiredClaims(claims: Claims, names: readonly string[]): void {
  for (const name of names) {
    const value = claimOf(claims, name);
    if (value === undefined || value === null) throw refusal('claim_missing', { claim: name });
  }
}

/**
 * Throws unless `aud` is one of `accepted`, or an array of strings that holds one of them.
 *
 * @param claim - The claim that says whom the token is for, where an issuer does not write `aud`.
 * @throws {JwtError} `claim_missing`, `claim_malformed`, `audience_mismatch`.
 */
export function assertAudience(claims: Claims, accepted: readonly string[], claim = 'aud'): void {
  const aud: unknown = claimOf(claims, claim);
  if (aud === undefined) throw refusal('claim_missing', { claim });
  if (typeof aud === 'string') {
    if (!accepted.includes(aud)) throw refusal('audience_mismatch', { claim });
    return;
  }
  if (!Array.isArray(aud) || aud.length === 0 || !aud.every((entry) => typeof entry === 'string')) {
    throw refusal('claim_malformed', { claim, reason: 'neither a string nor an array of strings' });
  }
  if (!aud.some((entry: string) => accepted.includes(entry))) throw refusal('audience_mismatch', { claim });
}
