/**
 * Base64url without padding (RFC 7515 section 2, RFC 4648 section 5), canonical only.
 *
 * One byte string has one spelling: no padding, no white space, no `+` or `/`, no bits set beyond the last byte. Runs in a
 * browser: no Node API.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 0 to 63 for a character of the alphabet; 64 and up for every other ASCII character. */
const VALUES = new Uint8Array(128).fill(64);
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

function valueAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? VALUES[code]! : 64;
}

/** The bytes that `text` spells, or `undefined` where it is not canonical base64url. The empty string spells no bytes. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const length = text.length;
  const rest = length & 3;
  if (rest === 1) return undefined;
  const whole = length - rest;
  const bytes = new Uint8Array((whole >> 2) * 3 + (rest === 0 ? 0 : rest - 1));
  let seen = 0;
  let at = 0;
  for (let index = 0; index < whole; index += 4) {
    const a = valueAt(text, index);
    const b = valueAt(text, index + 1);
    const c = valueAt(text, index + 2);
    const d = valueAt(text, index + 3);
    seen |= a | b | c | d;
    bytes[at] = (a << 2) | (b >> 4);
    bytes[at + 1] = (b << 4) | (c >> 2);
    bytes[at + 2] = (c << 6) | d;
    at += 3;
  }
  if (rest !== 0) {
    const a = valueAt(text, whole);
    const b = valueAt(text, whole + 1);
    bytes[at] = (a << 2) | (b >> 4);
    let spare = b & 15;
    seen |= a | b;
    if (rest === 3) {
      const c = valueAt(text, whole + 2);
      bytes[at + 1] = (b << 4) | (c >> 2);
      spare = c & 3;
      seen |= c;
    }
    if (spare !== 0) return undefined;
  }
  return seen < 64 ? bytes : undefined;
}

/** Offset of the first character that makes `text` other than canonical base64url, or -1. For messages, not for decisions. */
export function firstBase64UrlFault(text: string): number {
  for (let index = 0; index < text.length; index++) if (valueAt(text, index) > 63) return index;
  return decodeBase64Url(text) === undefined ? text.length - 1 : -1;
}

/** The one spelling of `bytes`. */
export function encodeBase64Url(bytes: Uint8Array): string {
  let text = '';
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const word = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!;
    text += ALPHABET[word >> 18]! + ALPHABET[(word >> 12) & 63]! + ALPHABET[(word >> 6) & 63]! + ALPHABET[word & 63]!;
  }
  const rest = bytes.length - index;
  if (rest === 1) {
    const a = bytes[index] as number;
    text += ALPHABET[a >> 2]! + ALPHABET[(a << 4) & 63]!;
  } else if (rest === 2) {
    const word = (bytes[index]! << 8) | bytes[index + 1]!;
    text += ALPHABET[word >> 10]! + ALPHABET[(word >> 4) & 63]! + ALPHABET[(word << 2) & 63]!;
  }
  return text;
}
