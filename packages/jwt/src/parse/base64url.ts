/**
 * Base64url without padding (RFC 7515 section 2, RFC 4648 section 5), canonical only.
 *
 * One byte string has one spelling: no padding, no white space, no `+` or `/`, no bits set beyond the last byte. Works on ASCII
 * bytes into memory of the caller: allocating costs more than decoding. Runs in a browser: no Node API.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 0 to 63 for a character of the alphabet, 64 for every other byte. */
const VALUES = new Uint8Array(256).fill(64);
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

/** How many bytes `length` characters spell. */
export function decodedLength(length: number): number {
  return (length * 3) >> 2;
}

/**
 * Decodes the characters `from` to `to` of `source` into `target`, from its start.
 *
 * @returns The number of bytes written, or -1 where the characters are not canonical base64url; `target` is then undefined.
 */
export function decodeInto(source: Uint8Array, from: number, to: number, target: Uint8Array): number {
  const rest = (to - from) & 3;
  if (rest === 1) return -1;
  const whole = to - rest;
  let seen = 0;
  let at = 0;
  for (let index = from; index < whole; index += 4) {
    const a = VALUES[source[index]!]!;
    const b = VALUES[source[index + 1]!]!;
    const c = VALUES[source[index + 2]!]!;
    const d = VALUES[source[index + 3]!]!;
    seen |= a | b | c | d;
    target[at] = (a << 2) | (b >> 4);
    target[at + 1] = (b << 4) | (c >> 2);
    target[at + 2] = (c << 6) | d;
    at += 3;
  }
  if (rest !== 0) {
    const a = VALUES[source[whole]!]!;
    const b = VALUES[source[whole + 1]!]!;
    const c = rest === 3 ? VALUES[source[whole + 2]!]! : 0;
    seen |= a | b | c;
    target[at++] = (a << 2) | (b >> 4);
    if (rest === 3) target[at++] = (b << 4) | (c >> 2);
    if ((rest === 3 ? c & 3 : b & 15) !== 0) return -1;
  }
  return seen < 64 ? at : -1;
}

/** Offset from `from` of the first character that is at fault, or -1 where `decodeInto` would succeed. */
export function firstFault(source: Uint8Array, from: number, to: number): number {
  for (let index = from; index < to; index++) if (VALUES[source[index]!]! > 63) return index - from;
  const rest = (to - from) & 3;
  const spare = rest === 2 ? 15 : rest === 3 ? 3 : 0;
  return rest === 1 || (spare !== 0 && (VALUES[source[to - 1]!]! & spare) !== 0) ? to - 1 - from : -1;
}

const encoder = new TextEncoder();

/** The bytes that `text` spells, or `undefined` where it is not canonical base64url. The empty string spells no bytes. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const source = encoder.encode(text);
  const bytes = new Uint8Array(decodedLength(source.length));
  return decodeInto(source, 0, source.length, bytes) === -1 ? undefined : bytes;
}

/** The one spelling of `bytes`. */
export function encodeBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const word = (bytes[index]! << 16) | ((left > 1 ? bytes[index + 1]! : 0) << 8) | (left > 2 ? bytes[index + 2]! : 0);
    text += ALPHABET[word >> 18]! + ALPHABET[(word >> 12) & 63]!;
    if (left > 1) text += ALPHABET[(word >> 6) & 63]!;
    if (left > 2) text += ALPHABET[word & 63]!;
  }
  return text;
}
