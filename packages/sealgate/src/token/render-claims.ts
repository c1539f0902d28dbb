/**
 * A token's members as lines for a terminal. What stands in a token was written by a stranger: control characters, and those that
 * reorder text, are shown as escapes, so that a token cannot speak to the terminal.
 */

const TIME_CLAIMS: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at']);

/** Control characters that JSON leaves as they are, and the marks that change the direction or the place of text. */
const UNSAFE =
  /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** One line for each member: name, value, and for times what they mean now. */
export function renderMembers(members: Readonly<Record<string, unknown>>, nowSeconds: number): string {
  const names = Object.keys(members).map(safeText);
  const width = Math.min(24, Math.max(0, ...names.map((name) => name.length)));
  return Object.entries(members)
    .map(([name, value]) => `  ${safeText(name).padEnd(width)}  ${renderValue(name, value, nowSeconds)}\n`)
    .join('');
}

function renderValue(name: string, value: unknown, nowSeconds: number): string {
  const text = typeof value === 'string' ? safeText(value) : escapeUnsafe(JSON.stringify(value));
  const meaning = TIME_CLAIMS.has(name) && typeof value === 'number' ? describeTime(value, nowSeconds) : undefined;
  return meaning === undefined ? text : `${text}  (${meaning})`;
}

/** `2026-01-01T00:00:00Z, in 9 minutes`; undefined if it is no time that a calendar has. */
export function describeTime(seconds: number, nowSeconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  return `${date.toISOString().replace(/\.\d+Z$/u, 'Z')}, ${describeDistance(seconds - nowSeconds)}`;
}

function describeDistance(seconds: number): string {
  const size = Math.abs(seconds);
  const [divisor, unit] =
    size < 90 ? [1, 'second'] : size < 5400 ? [60, 'minute'] : size < 129_600 ? [3600, 'hour'] : [86_400, 'day'];
  const amount = Math.round(size / divisor);
  const words = `${amount} ${unit}${amount === 1 ? '' : 's'}`;
  return seconds < 0 ? `${words} ago` : `in ${words}`;
}

/** A text without its quotes if it is plain, as an escaped JSON string if anything in it could be taken for more than text. */
export function safeText(text: string): string {
  const escaped = escapeUnsafe(JSON.stringify(text));
  return escaped === `"${text}"` && text !== '' && text.trim() === text ? text : escaped;
}

/** JSON that holds no character which a terminal would obey; its meaning is unchanged. */
export function safeJson(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value, null, 2));
}

function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, (match) =>
    Array.from({ length: match.length }, (_, at) => hex(match.charCodeAt(at))).join(''),
  );
}

function hex(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
