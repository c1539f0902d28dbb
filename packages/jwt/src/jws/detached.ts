/**
 * JWS with detached or unencoded payload (RFC 7515 appendix F, RFC 7797). Entry point `@sealgate/jwt/jws-detached`.
 *
 * The payload travels by itself; the compact form has an empty middle part. With `b64: false` the payload is signed as it is.
 */
import { orThrow, refusal } from '../errors.ts';
import type { Key } from '../keys/key.ts';
import { assertJwsHeader, type JoseHeader } from '../parse/header.ts';
import { decodePart, parsePart, splitCompact, tokenBytes } from '../parse/compact.ts';
import { resolveLimits, type ParseLimits } from '../parse/limits.ts';
import { CRITICAL, isEncoded, signingInput } from './json-members.ts';
import { LocalKeys } from './key-selection.ts';
import { createSignature, verifySignature } from './signature.ts';
import { selectKey } from './verify-jws.ts';

/** Options of `signDetachedJws` (RFC 7515 appendix F). */
export interface SignDetachedOptions {
  /** A private or secret key. */
  readonly key: Key;
  /** Sign the payload as it is instead of its base64url form (RFC 7797). Default false. */
  readonly unencoded?: boolean;
  /** Media type of the token (RFC 7515 section 4.1.9). */
  readonly typ?: string;
}

/** The compact form without its payload: `header..signature`. */
export function signDetachedJws(payload: Uint8Array, options: SignDetachedOptions): string {
  const { key, unencoded = false, typ } = options;
  const header = {
    alg: key.alg,
    ...(typ === undefined ? {} : { typ }),
    ...(key.kid === undefined ? {} : { kid: key.kid }),
    ...(unencoded ? { b64: false, crit: ['b64'] } : {}),
  };
  const protectedPart = Buffer.from(JSON.stringify(header)).toString('base64url');
  const signature = createSignature(key, signingInput(protectedPart, payload, !unencoded));
  return `${protectedPart}..${signature.toString('base64url')}`;
}

/**
 * Verifies a detached JWS against the payload that came beside it.
 *
 * @throws {JwtError} as `verifyJws`; `token_malformed` also when a payload is inside.
 */
export function verifyDetachedJws(
  jws: string,
  payload: Uint8Array,
  keys: Key | readonly Key[],
  options: { readonly limits?: Partial<ParseLimits> } = {},
): { readonly header: JoseHeader; readonly key: Key } {
  const set = new LocalKeys(keys);
  const limits = resolveLimits(options.limits);
  const { first, second } = orThrow(splitCompact(jws, limits));
  if (second !== first + 1)
    throw refusal('token_malformed', { part: 'payload', reason: 'not detached: a payload is inside' });
  const bytes = orThrow(tokenBytes(jws));
  const signature = orThrow(decodePart(bytes, second + 1, jws.length, 'signature'));
  const header = orThrow(parsePart(bytes, 0, first, 'header', limits));
  assertJwsHeader(header, CRITICAL);
  const key = selectKey(set, header);
  const input = signingInput(jws.slice(0, first), payload, isEncoded(header));
  if (!verifySignature(key, input, signature)) throw refusal('signature_invalid');
  return { header, key };
}
