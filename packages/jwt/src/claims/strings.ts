/**
 * Claims that name somebody or something: `iss`, `aud`, `sub`, `jti` and their like (RFC 7519 section 4.1).
 *
 * Exact comparison only: no prefixes, no patterns, no case folding. Runs in a browser.
 */
import { refusal } from '../errors.ts';
import { claimOf, type Claims } from './claims.ts';

/**
 * Throws where a registered string claim is present and not a non-empty string.
 *
 * @param scopeMayBeList - Also takes `scope` as an array of strings, which RFC 8693 section 4.2 does not know but issuers write.
 * @throws {JwtError} `claim_malformed`.
 */
export function assertStringClaims(claims: Claims, scopeMayBeList = false): void {
  // Written out: a loop over names costs ten times as much, on every token.
  assertString('iss', claims.iss);
  assertString('sub', claims.sub);
  assertString('jti', claims.jti);
  assertString('client_id', claims['client_id']);
  assertString('azp', claims['azp']);
  assertString('nonce', claims['nonce']);
  assertString('sid', claims['sid']);
  assertString('acr', claims['acr']);
  if (scopeMayBeList && Array.isArray(claims['scope'])) assertStrings('scope', claims['scope']);
  else assertString('scope', claims['scope']);
}

function assertString(claim: string, value: unknown): void {
  if (value === undefined) return;
  // An empty scope is a scope: the token grants nothing.
  if (typeof value !== 'string' || (value === '' && claim !== 'scope')) {
    throw refusal('claim_malformed', { claim, reason: 'not a non-empty string' });
  }
}

function assertStrings(claim: string, values: readonly unknown[]): void {
  if (values.every((value) => typeof value === 'string')) return;
  throw refusal('claim_malformed', { claim, reason: 'not an array of strings' });
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
