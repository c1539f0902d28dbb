/**
 * A claim's value as a header field value that no claim can break out of (ATTACKS.md G6, RFC 9110 section 5.5).
 *
 * Strings stand as they are when they are printable ASCII; every other octet of their UTF-8 form, `%`, and white space at either
 * end are percent-encoded, so that `decodeURIComponent` gives the claim back. Numbers and booleans are written as in JSON. Lists
 * are joined by `,`, with `,` inside an item encoded. Objects, and lists within lists, are JSON text, encoded like a string.
 */

/** Longest value, in octets, that is sent; upstreams commonly refuse more than 8 KiB of headers in all. */
export const LONGEST_IDENTITY_VALUE = 4096;

/** Printable ASCII without `%`, and no space at the ends: nearly every claim, sent as it is. */
const AS_IT_IS = /^(?! )[\x20-\x24\x26-\x7e]*(?<! )$/u;
const NOT_AS_IT_IS = /[^\x20-\x24\x26-\x7e]|^ +| +$/gu;

/**
 * @returns the field value; undefined when there is no claim to send (absent, null, or an empty list), `null` when it
 *   cannot be sent: too long, or not text (a lone surrogate).
 */
export function encodeClaim(value: unknown): string | undefined | null {
  const encoded = encode(value);
  if (typeof encoded === 'string' && encoded.length > LONGEST_IDENTITY_VALUE) return null;
  return encoded;
}

function encode(value: unknown): string | undefined | null {
  if (typeof value === 'string') return encodeText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? encodeList(value) : encodeText(JSON.stringify(value));
}

function encodeList(items: readonly unknown[]): string | undefined | null {
  if (items.length === 0) return undefined;
  const encoded: string[] = [];
  for (const item of items) {
    const text = typeof item === 'object' && item !== null ? encodeText(JSON.stringify(item)) : encode(item);
    if (text === null) return null;
    if (text !== undefined) encoded.push(text.replaceAll(',', '%2C'));
  }
  return encoded.join(',');
}

function encodeText(text: string): string | null {
  if (AS_IT_IS.test(text)) return text;
  if (!text.isWellFormed()) return null;
  return text.replace(NOT_AS_IT_IS, (characters) =>
    characters.startsWith(' ') ? '%20'.repeat(characters.length) : encodeURIComponent(characters),
  );
}
