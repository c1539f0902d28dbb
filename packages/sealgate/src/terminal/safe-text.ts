/**
 * Text that strangers wrote, on a terminal: control characters, and those that reorder or hide text, are shown as escapes, so that a
 * token cannot speak to the terminal.
 */

/** Control characters that JSON leaves as they are, and the marks that change the direction or the place of text. */
const UNSAFE =
  /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** A text without its quotes if it is plain, as an escaped JSON string if anything in it could be taken for more than text. */
export function safeText(text: string): string {
  const escaped = escapeUnsafe(JSON.stringify(text));
  return escaped === `"${text}"` && text !== '' && text.trim() === text ? text : escaped;
}

/** A sentence that may quote what a stranger wrote: quotes stay as they are, controls are escaped. */
export function safeSentence(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return escapeUnsafe(text.replaceAll(/[\u0000-\u001f]/gu, (match) => hex(match.charCodeAt(0))));
}

/** JSON that holds no character which a terminal would obey; its meaning is unchanged. */
export function safeJson(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value, null, 2));
}

/** JSON on one line, as safe. */
export function safeJsonLine(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value));
}

function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, (match) =>
    Array.from({ length: match.length }, (_, at) => hex(match.charCodeAt(at))).join(''),
  );
}

function hex(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
