/**
 * UTF-8 (RFC 3629) read as far as it goes: the text, and the first byte that is not UTF-8.
 */

export interface Utf8Reading {
  /** The text, with U+FFFD where bytes are invalid; a byte order mark is kept as U+FEFF. */
  readonly text: string;
  /** Index of the first byte that no valid sequence contains. */
  readonly invalidAt: number | undefined;
}

export function readUtf8(bytes: Uint8Array): Utf8Reading {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return { text, invalidAt: text.includes('\uFFFD') ? firstInvalid(bytes) : undefined };
}

/** The number of bytes that the first `length` code units of `text` take in UTF-8. */
export function utf8Length(text: string, length: number): number {
  return new TextEncoder().encode(text.slice(0, length)).length;
}

function firstInvalid(bytes: Uint8Array): number | undefined {
  let index = 0;
  while (index < bytes.length) {
    const size = sequenceLength(bytes, index);
    if (size === 0) return index;
    index += size;
  }
  return undefined;
}

/** Length of the valid sequence at `index`, or 0. The bounds of the second byte are those of RFC 3629 section 4. */
function sequenceLength(bytes: Uint8Array, index: number): number {
  const lead = bytes[index] ?? 0;
  if (lead < 0x80) return 1;
  const size =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (size === 0) return 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[index + 1] ?? 0;
  if (second < low || second > high) return 0;
  for (let offset = 2; offset < size; offset += 1) {
    if (((bytes[index + offset] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return size;
}
