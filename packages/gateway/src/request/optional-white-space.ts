/** Optional white space around a field value (RFC 9110 section 5.6.3), for both directions' parsers. */

/** The text from `start` to `end` without spaces and tabs at either end. */
export function trimmed(text: string, start: number, end: number): string {
  let [from, to] = [start, end];
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
