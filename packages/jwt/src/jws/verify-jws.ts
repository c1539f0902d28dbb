/**
 * `verifyJws`: the signature of a compact JWS over any payload (RFC 7515 section 5.2).
 *
 * It says who signed which bytes, and nothing about what they mean: for claims use `createVerifier`.
 */
import { orThrow, refusal } from '../errors.ts';
import type { Key } from '../keys/key.ts';
import { decodePart, parsePart, splitCompact, tokenBytes } from '../parse/compact.ts';
import { assertJwsHeader, type JoseHeader } from '../parse/header.ts';
import { resolveLimits, type ParseLimits } from '../parse/limits.ts';
import { LocalKeys } from './key-selection.ts';
import { verifySignature } from './signature.ts';

/** Options of `verifyJws`. */
export interface VerifyJwsOptions {
  /** Bounds on the token; default `DEFAULT_LIMITS`. */
  readonly limits?: Partial<ParseLimits>;
}

/** What `verifyJws` gives: a payload that a key vouches for, of whatever meaning (RFC 7515 section 5.2). */
export interface VerifiedJws {
  /** The protected header. */
  readonly header: JoseHeader;
  /** The bytes that were signed. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** The key that verified it. */
  readonly key: Key;
}

/**
 * Verifies a compact JWS. The algorithms allowed are those of the keys.
 *
 * @param keys - One key or several; with several, the token's `kid` chooses.
 * @throws {JwtError} `token_malformed`, `token_too_large`, `base64url_invalid`, `json_*`, `header_invalid`,
 *   `critical_unsupported`, `algorithm_not_allowed`, `kid_missing`, `key_unknown`, `signature_invalid`.
 * @throws {TypeError} without a key.
 */
export function verifyJws(token: string, keys: Key | readonly Key[], options: VerifyJwsOptions = {}): VerifiedJws {
  const set = new LocalKeys(keys);
  const limits = resolveLimits(options.limits);
  const { first, second } = orThrow(splitCompact(token, limits));
  const bytes = orThrow(tokenBytes(token));
  const signature = orThrow(decodePart(bytes, second + 1, token.length, 'signature'));
  const payload = orThrow(decodePart(bytes, first + 1, second, 'payload'));
  const header = orThrow(parsePart(bytes, 0, first, 'header', limits));
  assertJwsHeader(header);
  const key = selectKey(set, header);
  if (!verifySignature(key, bytes.subarray(0, second), signature)) throw refusal('signature_invalid');
  return { header, payload, key };
}

/** The key that answers for a header. @throws {JwtError} `algorithm_not_allowed`, `kid_missing`, `key_unknown`. */
export function selectKey(set: LocalKeys, header: JoseHeader): Key {
  if (![...set].some((key) => key.alg === header.alg)) throw refusal('algorithm_not_allowed', { member: 'alg' });
  const key = set.find(header.kid, header.alg);
  if (key === undefined) throw refusal('key_unknown', { member: 'kid' });
  return key;
}
