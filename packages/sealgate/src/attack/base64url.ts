/** The bits that the last character of base64url has too many (RFC 4648 section 3.5): where a second spelling hides. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 0, 2 or 4. */
export function unusedBits(text: string): number {
  return [0, 0, 4, 2][text.length % 4] ?? 0;
}

/** The text with the lowest bit of its last character turned over: the same octets, if that bit is unused. */
export function nextInAlphabet(text: string): string {
  return text.slice(0, -1) + (ALPHABET[ALPHABET.indexOf(text.at(-1) ?? '') ^ 1] ?? '');
}
