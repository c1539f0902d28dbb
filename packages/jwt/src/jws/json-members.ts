/**
 * Header halves of the JSON serializations (RFC 7515 section 7.2): protected and unprotected, joined without overlap.
 *
 * `alg`, `crit` and `b64` count only where they are protected: what the signature does not cover decides nothing.
 */
import { refusal } from '../errors.ts';
import { assertJwsHeader, type JoseHeader } from '../parse/header.ts';
import { decodeBase64Url } from '../parse/base64url.ts';
import { isJsonObject, parseJsonObject, type JsonObject, type JsonValue } from '../parse/json.ts';
import type { ParseLimits } from '../parse/limits.ts';
import type { TokenPart } from '../errors.ts';

/** Extensions that the entry points beside this implement. */
export const CRITICAL = ['b64'] as const;

/** One signature of a JSON-serialized JWS, its headers joined. */
export interface SignatureParts {
  readonly header: JoseHeader;
  readonly protectedPart: string;
  readonly signature: Uint8Array;
  /** False: the payload is signed as it is (RFC 7797). */
  readonly encoded: boolean;
}

/** Bytes of a base64url member. @throws {JwtError} `token_malformed`, `base64url_invalid`. */
export function bytesMember(value: JsonValue | undefined, part: TokenPart): Uint8Array<ArrayBuffer> {
  if (typeof value !== 'string') throw refusal('token_malformed', { part, reason: 'not a string' });
  const bytes = decodeBase64Url(value);
  if (bytes === undefined) throw refusal('base64url_invalid', { part });
  return bytes;
}

/**
 * Reads `protected`, `header` and `signature` of one signature.
 *
 * @throws {JwtError} `token_malformed`, `base64url_invalid`, `json_*`, `header_invalid`, `critical_unsupported`.
 */
export function readSignature(entry: JsonObject, limits: ParseLimits): SignatureParts {
  const { protected: protectedPart, header: unprotected, signature } = entry;
  if (typeof protectedPart !== 'string' || protectedPart === '') {
    throw refusal('token_malformed', {
      member: 'protected',
      reason: 'missing: nothing unprotected may choose the algorithm',
    });
  }
  if (unprotected !== undefined && !isJsonObject(unprotected))
    throw refusal('token_malformed', { member: 'header', reason: 'not an object' });
  const guarded = parseJsonObject(bytesMember(protectedPart, 'header'), 'header', limits);
  assertJwsHeader(guarded, CRITICAL);
  const header = { ...unprotected, ...guarded };
  for (const name of Object.keys(unprotected ?? {})) {
    if (Object.hasOwn(guarded, name)) throw refusal('header_invalid', { reason: 'a parameter stands in both headers' });
    if (name === 'crit' || name === 'b64' || name === 'enc')
      throw refusal('header_invalid', { member: name, reason: 'must be protected' });
  }
  assertJwsHeader(header, CRITICAL);
  const bytes = bytesMember(signature, 'signature');
  if (bytes.length === 0) throw refusal('token_malformed', { reason: 'the signature is empty' });
  return { header: Object.freeze(header), protectedPart, signature: bytes, encoded: isEncoded(guarded) };
}

/** The `b64` parameter (RFC 7797 section 3). @throws {JwtError} `header_invalid`. */
export function isEncoded(guarded: JsonObject): boolean {
  const b64 = guarded['b64'];
  if (b64 !== undefined && typeof b64 !== 'boolean')
    throw refusal('header_invalid', { member: 'b64', reason: 'not a boolean' });
  return b64 !== false;
}

/** What a signature covers: the protected header, a dot, and the payload as encoded or as it is. */
export function signingInput(protectedPart: string, payload: Uint8Array, encoded: boolean): Buffer {
  const prefix = Buffer.from(`${protectedPart}.`, 'latin1');
  return Buffer.concat([prefix, encoded ? Buffer.from(Buffer.from(payload).toString('base64url'), 'latin1') : payload]);
}
