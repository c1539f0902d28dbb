/**
 * Reads a JWT without verifying anything: for debuggers, logs of key ids, and tests. Runs in a browser.
 *
 * What comes back is what a stranger wrote. It is parsed as strictly as for verification, so that a debugger refuses what a
 * verifier refuses.
 */
import type { Claims } from '../claims/claims.ts';
import { orThrow } from '../errors.ts';
import { decodePart, parsePart, splitCompact, tokenBytes } from './compact.ts';
import { assertJwsHeader, type JoseHeader } from './header.ts';
import { resolveLimits, type ParseLimits } from './limits.ts';

/** A decoded token of which nothing is known to be true. */
export interface UnverifiedJwt {
  /** What the header says. */
  readonly header: JoseHeader;
  /** What the payload says: anybody could have written it. */
  readonly claims: Claims;
  /** Signature bytes, unchecked. */
  readonly signature: Uint8Array;
  /** The characters that the signature covers. */
  readonly signingInput: string;
}

/**
 * Decodes a compact JWT. Nothing is verified: never decide by the result.
 *
 * @throws {JwtError} `token_malformed`, `token_too_large`, `base64url_invalid`, `json_*`, `header_invalid`,
 *   `critical_unsupported`, `claims_not_object`.
 */
export function decodeUnverified(
  token: string,
  options: { readonly limits?: Partial<ParseLimits> } = {},
): UnverifiedJwt {
  const limits = resolveLimits(options.limits);
  const { first, second } = orThrow(splitCompact(token, limits));
  const bytes = orThrow(tokenBytes(token));
  const signature = orThrow(decodePart(bytes, second + 1, token.length, 'signature'));
  const header = orThrow(parsePart(bytes, 0, first, 'header', limits));
  assertJwsHeader(header);
  const claims: Claims = orThrow(parsePart(bytes, first + 1, second, 'payload', limits));
  return { header, claims, signature, signingInput: token.slice(0, second) };
}
