/**
 * base64url (RFC 4648 section 5, without padding as RFC 7515 section 2 has it), read as far as it goes.
 *
 * Unlike the strict decoder of `@sealgate/jwt` this one never refuses: it says what is wrong and decodes the rest.
 */
import { type Fault, fault, nameCharacter } from './fault.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character, value]));

export interface Base64Reading {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly faults: readonly Fault[];
}

/**
 * Decodes a part.
 *
 * @param at - Offset of the part in the pasted text; spans of faults count from there.
 */
export function readBase64url(part: string, at = 0): Base64Reading {
  const faults: Fault[] = [];
  const bytes = new Uint8Array(Math.ceil((part.length * 3) / 4));
  let written = 0;
  let buffer = 0;
  let bits = 0;
  let digits = 0;
  let lastDigit = 0;
  const strange: number[] = [];
  const standard: number[] = [];
  let padding = part.length;
  for (let index = 0; index < part.length; index += 1) {
    const character = part[index] ?? '';
    let value = VALUES.get(character);
    if (value === undefined && (character === '+' || character === '/')) {
      standard.push(index);
      value = character === '+' ? 62 : 63;
    }
    if (value === undefined) {
      if (character === '=') padding = Math.min(padding, index);
      else strange.push(index);
      continue;
    }
    buffer = ((buffer << 6) | value) & 0xffff;
    bits += 6;
    digits += 1;
    lastDigit = index;
    if (bits >= 8) {
      bits -= 8;
      bytes[written] = (buffer >> bits) & 0xff;
      written += 1;
    }
  }
  const spot = (index: number, length = 1) => ({ start: at + index, end: at + index + length });
  const [firstStrange] = strange;
  if (firstStrange !== undefined) {
    const character = String.fromCodePoint(part.codePointAt(firstStrange) ?? 0);
    const data = { character: nameCharacter(character), count: strange.length, position: firstStrange + 1 };
    faults.push(fault('error', 'base64-character', spot(firstStrange, character.length), data));
  }
  const [firstStandard] = standard;
  if (firstStandard !== undefined) {
    const data = { character: part[firstStandard] ?? '', count: standard.length, position: firstStandard + 1 };
    faults.push(fault('error', 'base64-standard-alphabet', spot(firstStandard), data));
  }
  if (padding < part.length) {
    faults.push(fault('error', 'base64-padding', spot(padding, part.length - padding), { position: padding + 1 }));
  }
  if (digits % 4 === 1) {
    faults.push(fault('error', 'base64-length', spot(lastDigit), { length: digits }));
  } else if (bits > 0 && (buffer & ((1 << bits) - 1)) !== 0) {
    faults.push(fault('error', 'base64-trailing-bits', spot(lastDigit), { character: part[lastDigit] ?? '' }));
  }
  return { bytes: bytes.slice(0, written), faults };
}

/** Encodes bytes without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [a = 0, b, c] = [bytes[index], bytes[index + 1], bytes[index + 2]];
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += `${ALPHABET[group >> 18]}${ALPHABET[(group >> 12) & 63]}`;
    if (b !== undefined) text += ALPHABET[(group >> 6) & 63];
    if (c !== undefined) text += ALPHABET[group & 63];
  }
  return text;
}

/** Encodes text as UTF-8, then base64url. */
export function textToBase64url(text: string): string {
  return toBase64url(new TextEncoder().encode(text));
}

/** Decodes and ignores faults: for what this page encoded itself or a key whose faults are told elsewhere. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return readBase64url(text).bytes;
}
