/**
 * Time claims of a JWT: `exp`, `nbf` and `iat` (RFC 7519 sections 4.1.4 to 4.1.6).
 *
 * Pure: takes claims and a clock reading. The signature was verified before this; whether the caller may act is decided after
 * it. Runs in a browser.
 */
import { JwtError, refusal } from '../errors.ts';
import type { Claims } from './claims.ts';

/** The last second of the year 9999: what lies beyond is a fault, not a date. */
export const MAX_NUMERIC_DATE = 253_402_300_799;

/** How times are compared with the clock (RFC 7519 section 4.1.4). */
export interface TimeRules {
  /** How far the clocks of issuer and verifier may differ, seconds. */
  readonly clockSkewSeconds: number;
  /** How long ago the token may have been issued, seconds. */
  readonly maxAgeSeconds: number | undefined;
}

/** The `NumericDate` in claim `name`, seconds, or `undefined` when absent. @throws {JwtError} `claim_malformed`. */
export function numericDate(claims: Claims, name: 'exp' | 'nbf' | 'iat' | 'auth_time'): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_NUMERIC_DATE)) {
    throw refusal('claim_malformed', { claim: name, reason: 'not a number of seconds between 1970 and 9999' });
  }
  return value;
}

/** A reading of the clock. @throws {JwtError} `clock_invalid` when it is not a time: a broken clock admits nothing. */
export function readClock(now: () => number): number {
  const seconds = now();
  if (!(seconds >= 0 && seconds <= MAX_NUMERIC_DATE)) throw new JwtError('clock_invalid');
  return seconds;
}

/**
 * Throws unless `nbf - skew <= now < exp + skew`, `iat - skew <= now`, and the token is younger than `maxAgeSeconds`.
 *
 * @param nowSeconds - Clock reading, seconds since 1970.
 * @throws {JwtError} `claim_missing`, `claim_malformed`, `token_expired`, `token_not_yet_valid`, `token_issued_in_future`,
 *   `token_too_old`.
 */
export function assertTimeClaims(claims: Claims, nowSeconds: number, rules: TimeRules): void {
  const exp = numericDate(claims, 'exp');
  if (exp === undefined) throw refusal('claim_missing', { claim: 'exp' });
  const nbf = numericDate(claims, 'nbf');
  const iat = numericDate(claims, 'iat');
  const skew = rules.clockSkewSeconds;
  // Each condition that admits, negated: a NaN clock must reject.
  if (!(nowSeconds < exp + skew)) throw refusal('token_expired', { claim: 'exp' });
  if (nbf !== undefined && !(nowSeconds >= nbf - skew)) throw refusal('token_not_yet_valid', { claim: 'nbf' });
  if (iat !== undefined) assertIssuedAt(iat, nowSeconds, rules);
  else if (rules.maxAgeSeconds !== undefined) throw refusal('claim_missing', { claim: 'iat' });
}

/** @throws {JwtError} `token_issued_in_future`, `token_too_old`. */
export function assertIssuedAt(iat: number, nowSeconds: number, rules: TimeRules): void {
  if (!(nowSeconds >= iat - rules.clockSkewSeconds)) throw refusal('token_issued_in_future', { claim: 'iat' });
  if (rules.maxAgeSeconds !== undefined && !(nowSeconds < iat + rules.maxAgeSeconds + rules.clockSkewSeconds)) {
    throw refusal('token_too_old', { claim: 'iat', limit: rules.maxAgeSeconds });
  }
}

/** The instants between which `assertTimeClaims` admits these claims, which passed it: `from <= now < until`. */
export function validityWindow(claims: Claims, rules: TimeRules): { readonly from: number; readonly until: number } {
  const skew = rules.clockSkewSeconds;
  const { exp = 0, nbf = 0, iat } = claims;
  const from = Math.max(nbf, iat ?? 0) - skew;
  const until = exp + skew;
  if (rules.maxAgeSeconds === undefined || iat === undefined) return { from, until };
  return { from, until: Math.min(until, iat + rules.maxAgeSeconds + skew) };
}
