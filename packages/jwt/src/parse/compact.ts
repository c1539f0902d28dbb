/**
 * JWS compact serialization (RFC 7515 section 7.1): three parts of canonical base64url, and nothing else.
 *
 * Only the form is checked here. Nothing is verified at this point. Runs in a browser.
 */
import { refusal, type TokenPart } from '../errors.ts';
import { decodeBase64Url, firstBase64UrlFault } from './base64url.ts';
import type { ParseLimits } from './limits.ts';

/** Offsets of the two dots. */
export interface CompactSplit {
  /** Offset of the dot after the header. */
  readonly first: number;
  /** Offset of the dot before the signature: the signing input ends here. */
  readonly second: number;
}

/** @throws {JwtError} `token_malformed`, `token_too_large`. */
export function splitCompact(token: unknown, limits: ParseLimits): CompactSplit {
  if (typeof token !== 'string') throw refusal('token_malformed', { reason: 'not a string' });
  if (token.length > limits.tokenChars) throw refusal('token_too_large', { limit: limits.tokenChars });
  const first = token.indexOf('.');
  const second = first === -1 ? -1 : token.indexOf('.', first + 1);
  if (second === -1 || token.includes('.', second + 1))
    throw refusal('token_malformed', { reason: countReason(token) });
  if (first === 0) throw refusal('token_malformed', { reason: 'the header is empty' });
  if (second === token.length - 1) throw refusal('token_malformed', { reason: 'the signature is empty' });
  return { first, second };
}

function countReason(token: string): string {
  const parts = token.split('.', 7).length;
  if (parts === 5) return 'five parts: this is an encrypted token (JWE), not a signed one';
  return parts === 7
    ? 'more than six parts where three belong'
    : `${parts} ${parts === 1 ? 'part' : 'parts'} where three belong`;
}

/** Decodes one part. @throws {JwtError} `base64url_invalid`. */
export function decodePart(text: string, part: TokenPart): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined) throw refusal('base64url_invalid', { part, offset: firstBase64UrlFault(text) });
  return bytes;
}
