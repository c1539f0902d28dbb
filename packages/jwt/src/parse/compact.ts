/**
 * JWS compact serialization (RFC 7515 section 7.1): three parts of canonical base64url, and nothing else.
 *
 * Only the form is checked here. Nothing is verified at this point. What is malformed gives the refusal as a value: strangers send it,
 * and throwing costs more than finding the fault. Runs in a browser.
 */
import { JwtError, refusal, type TokenPart } from '../errors.ts';
import { decodedLength, decodeInto, firstFault } from './base64url.ts';
import { readJsonObject, type JsonObject } from './json.ts';
import type { ParseLimits } from './limits.ts';

/** Offsets of the two dots. */
export interface CompactSplit {
  /** Offset of the dot after the header. */
  readonly first: number;
  /** Offset of the dot before the signature: the signing input ends here. */
  readonly second: number;
}

/** Finds the dots. @returns Or `token_malformed`, `token_too_large`. */
export function splitCompact(token: unknown, limits: ParseLimits): CompactSplit | JwtError {
  if (typeof token !== 'string') return refusal('token_malformed', { reason: 'not a string' });
  if (token.length > limits.tokenChars) return refusal('token_too_large', { limit: limits.tokenChars });
  const first = token.indexOf('.');
  const second = first === -1 ? -1 : token.indexOf('.', first + 1);
  if (second === -1 || token.includes('.', second + 1))
    return refusal('token_malformed', { reason: countReason(token) });
  if (first === 0) return refusal('token_malformed', { reason: 'the header is empty' });
  if (second === token.length - 1) return refusal('token_malformed', { reason: 'the signature is empty' });
  return { first, second };
}

function countReason(token: string): string {
  const parts = token.split('.', 7).length;
  if (parts === 5) return 'five parts: this is an encrypted token (JWE), not a signed one';
  return parts === 7
    ? 'more than six parts where three belong'
    : `${parts} ${parts === 1 ? 'part' : 'parts'} where three belong`;
}

const encoder = new TextEncoder();

/**
 * Memory that every token passes through: allocating anew costs more than decoding. What is in it holds until the next call of
 * `tokenBytes` or `parsePart`, so nobody keeps it across a call into foreign code: ask again, which costs nothing while
 * the same token is held.
 */
let tokenScratch = new Uint8Array(16_384);
let partScratch = new Uint8Array(12_288);
let signatureScratch = new Uint8Array(12_288);
/** The token whose bytes are in `tokenScratch`, and the length of its signature in `signatureScratch`, or -1. */
let heldToken = '';
let heldSignatureLength = -1;

/** The characters of a token as bytes, in scratch memory. @returns Or `base64url_invalid` for any that is not ASCII. */
export function tokenBytes(token: string): Uint8Array<ArrayBuffer> | JwtError {
  if (token === heldToken) return tokenScratch;
  heldToken = '';
  heldSignatureLength = -1;
  if (token.length > tokenScratch.length) {
    tokenScratch = new Uint8Array(token.length * 2);
    partScratch = new Uint8Array(token.length * 2);
    signatureScratch = new Uint8Array(token.length * 2);
  }
  // A character beyond ASCII takes more bytes than code units; then the two counts differ, or not everything was read.
  const { read, written } = encoder.encodeInto(token, tokenScratch);
  if (written !== token.length || read !== token.length)
    return refusal('base64url_invalid', { reason: 'a character beyond ASCII' });
  heldToken = token;
  return tokenScratch;
}

/** The signature of a token, decoded, in scratch memory of its own. @returns Or `base64url_invalid`. */
export function signatureBytes(token: string, second: number): Uint8Array<ArrayBuffer> | JwtError {
  const bytes = tokenBytes(token);
  if (bytes instanceof JwtError) return bytes;
  if (heldSignatureLength === -1) {
    heldSignatureLength = decodeInto(bytes, second + 1, token.length, signatureScratch);
    if (heldSignatureLength === -1) return encodingRefusal(bytes, second + 1, token.length, 'signature');
  }
  return signatureScratch.subarray(0, heldSignatureLength);
}

/** Decodes one part of `tokenBytes` into memory of its own. @returns Or `base64url_invalid`. */
export function decodePart(
  bytes: Uint8Array,
  from: number,
  to: number,
  part: TokenPart,
): Uint8Array<ArrayBuffer> | JwtError {
  const own = new Uint8Array(decodedLength(to - from));
  return decodeInto(bytes, from, to, own) === -1 ? encodingRefusal(bytes, from, to, part) : own;
}

/** Decodes and parses one part of `tokenBytes`. @returns Or `base64url_invalid`, `json_*`, `claims_not_object`. */
export function parsePart(
  bytes: Uint8Array,
  from: number,
  to: number,
  part: 'header' | 'payload',
  limits: ParseLimits,
): JsonObject | JwtError {
  const length = decodeInto(bytes, from, to, partScratch);
  if (length === -1) return encodingRefusal(bytes, from, to, part);
  const otherwise = part === 'payload' ? 'claims_not_object' : 'json_invalid';
  return readJsonObject(partScratch.subarray(0, length), part, limits, otherwise);
}

function encodingRefusal(bytes: Uint8Array, from: number, to: number, part: TokenPart): JwtError {
  return refusal('base64url_invalid', { part, offset: firstFault(bytes, from, to) });
}
