/**
 * DPoP proofs (RFC 9449 sections 4.2 and 4.3). Entry point of its own kind: this is the one token whose key stands in its header.
 *
 * The key proves possession and nothing else: what makes it count is the `cnf.jkt` of the access token, compared here when
 * given. Remembering `jti` against replay is the caller's, for `rememberUntilSeconds`.
 */
import { createHash } from 'node:crypto';
import { isAlgorithm, type Algorithm } from '../algorithms.ts';
import { claimOf, type Claims } from '../claims/claims.ts';
import { assertRequiredClaims, assertStringClaims } from '../claims/strings.ts';
import { assertIssuedAt, numericDate, readClock } from '../claims/time.ts';
import { assertTyp } from '../claims/typ.ts';
import { JwtError, orThrow, refusal } from '../errors.ts';
import { importKey } from '../keys/import-key.ts';
import { isPrivateJwk } from '../keys/jwk.ts';
import type { Key } from '../keys/key.ts';
import { thumbprint } from '../keys/thumbprint.ts';
import { algorithmSet } from '../jws/key-selection.ts';
import { verifySignature } from '../jws/signature.ts';
import { decodePart, parsePart, splitCompact, tokenBytes } from '../parse/compact.ts';
import { assertJwsHeader } from '../parse/header.ts';
import { isJsonObject, type JsonValue } from '../parse/json.ts';
import { DEFAULT_LIMITS } from '../parse/limits.ts';

/** What proofs may be signed with, best first; as challenges name them (RFC 9449 section 7.1). */
export const DPOP_ALGORITHMS: readonly Algorithm[] = ['ES256', 'Ed25519', 'EdDSA', 'ES384', 'ES512', 'PS256', 'RS256'];

/** What a DPoP proof has to fit (RFC 9449 section 4.3). */
export interface DpopOptions {
  /** Algorithms accepted: of public keys only. */
  readonly algorithms: readonly Algorithm[];
  /** Method of the request, exact. */
  readonly method: string;
  /** Address of the request as the client sees it. Query and fragment do not count. */
  readonly url: string;
  /** The access token beside the proof: its hash must be `ath`. Leave out only where there is none yet. */
  readonly accessToken?: string;
  /** The `cnf.jkt` of that access token. */
  readonly expectedThumbprint?: string;
  /** The nonce last given to this client. */
  readonly nonce?: string;
  /** How old a proof may be, seconds. Default 60. */
  readonly maxAgeSeconds?: number;
  /** Default 5. */
  readonly clockSkewSeconds?: number;
  /** The clock, seconds since 1970. */
  readonly now?: () => number;
}

/** What `verifyDpopProof` gives. */
export interface VerifiedDpopProof {
  /** All claims of the proof. */
  readonly claims: Claims;
  /** Its id, to be remembered with the key. */
  readonly jti: string;
  /** RFC 7638 thumbprint of the proof's key: what `cnf.jkt` must be. */
  readonly thumbprint: string;
  /** The key in its header: proven to be at hand, otherwise unknown. */
  readonly key: Key;
  /** A proof with this `jti` and key must not be taken again before this, seconds since 1970. */
  readonly rememberUntilSeconds: number;
}

/**
 * Verifies a DPoP proof.
 *
 * @throws {JwtError} as `createVerifier().verify`, and `key_*` for an unusable key in the header.
 * @throws {TypeError} for options that cannot be, such as a symmetric algorithm.
 */
export function verifyDpopProof(proof: string, options: DpopOptions): VerifiedDpopProof {
  const { maxAgeSeconds = 60, clockSkewSeconds = 5, now = () => Date.now() / 1_000 } = options;
  const algorithms = algorithmSet(options.algorithms, isAlgorithm);
  if (options.algorithms.some((name) => name.startsWith('HS')))
    throw new TypeError('verifyDpopProof: a symmetric algorithm proves nothing');
  const { first, second } = orThrow(splitCompact(proof, DEFAULT_LIMITS));
  const bytes = orThrow(tokenBytes(proof));
  const signature = orThrow(decodePart(bytes, second + 1, proof.length, 'signature'));
  const header = orThrow(parsePart(bytes, 0, first, 'header', DEFAULT_LIMITS));
  assertJwsHeader(header);
  if (!algorithms.has(header.alg)) throw refusal('algorithm_not_allowed', { member: 'alg' });
  assertTyp(header.typ, ['dpop+jwt']);
  const claims: Claims = orThrow(parsePart(bytes, first + 1, second, 'payload', DEFAULT_LIMITS));
  const key = proofKey(header['jwk'], header.alg as Algorithm);
  // Encoded again: what stood in the scratch memory was used up by the parsing above.
  if (!verifySignature(key, orThrow(tokenBytes(proof)).subarray(0, second), signature))
    throw refusal('signature_invalid');
  const iat = assertProofClaims(claims, options);
  assertIssuedAt(iat, readClock(now), { maxAgeSeconds, clockSkewSeconds });
  const jkt = thumbprint(key);
  if (options.expectedThumbprint !== undefined && options.expectedThumbprint !== jkt) {
    throw refusal('claim_mismatch', { claim: 'cnf', reason: 'the access token is bound to another key' });
  }
  return {
    claims,
    jti: claims.jti ?? '',
    thumbprint: jkt,
    key,
    rememberUntilSeconds: iat + maxAgeSeconds + clockSkewSeconds,
  };
}

function proofKey(jwk: JsonValue | undefined, alg: Algorithm): Key {
  if (!isJsonObject(jwk)) throw refusal('header_invalid', { member: 'jwk', reason: 'missing' });
  if (isPrivateJwk(jwk)) throw new JwtError('key_not_public', { member: 'jwk' });
  return importKey(jwk, { alg });
}

/** The claims but for time. Gives `iat`. */
function assertProofClaims(claims: Claims, options: DpopOptions): number {
  assertStringClaims(claims);
  assertRequiredClaims(claims, ['jti', 'htm', 'htu', 'iat']);
  if (claims['htm'] !== options.method) throw refusal('claim_mismatch', { claim: 'htm' });
  if (!sameTarget(claims['htu'], options.url)) throw refusal('claim_mismatch', { claim: 'htu' });
  if (options.nonce !== undefined && claims['nonce'] !== options.nonce) {
    throw refusal(claims['nonce'] === undefined ? 'claim_missing' : 'claim_mismatch', { claim: 'nonce' });
  }
  if (options.accessToken !== undefined) {
    const ath = claimOf(claims, 'ath');
    if (ath === undefined) throw refusal('claim_missing', { claim: 'ath' });
    if (ath !== createHash('sha256').update(options.accessToken, 'ascii').digest('base64url'))
      throw refusal('claim_mismatch', { claim: 'ath' });
  }
  return numericDate(claims, 'iat') ?? Number.NaN;
}

function sameTarget(htu: JsonValue | undefined, url: string): boolean {
  if (typeof htu !== 'string' || !URL.canParse(htu)) return false;
  const target = (text: string): string => {
    const { origin, pathname } = new URL(text);
    return origin + pathname;
  };
  return target(htu) === target(url);
}
