/**
 * Points in time and spans of time as people read them: local, UTC, relative. Seconds in, text out; the clock is handed in.
 */

export type TimeFormat = 'local' | 'utc' | 'relative';

/** Seconds since 1970 that `Date` can hold. */
const MAXIMUM_SECONDS = 8.64e12;

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_556_952],
  ['month', 2_629_746],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

// Made once: a formatter costs a hundred times what a use of it does. The reader's zone, in an order that sorts.
const LOCAL = new Intl.DateTimeFormat('en-CA', {
  timeZoneName: 'short',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

export function isTime(seconds: number): boolean {
  return Math.abs(seconds) <= MAXIMUM_SECONDS;
}

/** `2026-11-22 02:15:09` with the zone: the reader's own, or `UTC`. */
export function formatInstant(seconds: number, zone: 'local' | 'utc'): string {
  if (!isTime(seconds)) return String(seconds);
  const date = new Date(seconds * 1000);
  if (zone === 'utc')
    return date
      .toISOString()
      .replace('T', ' ')
      .replace(/(?:\.000)?Z$/u, ' UTC');
  const parts = LOCAL.formatToParts(date);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? '';
  const day = `${part('year')}-${part('month')}-${part('day')}`;
  return `${day} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`;
}

/** `in 5 minutes`, `3 days ago`: the largest unit that fits, rounded toward zero. */
export function formatRelative(seconds: number, nowSeconds: number): string {
  const difference = seconds - nowSeconds;
  if (!isTime(seconds)) return '';
  if (difference === 0) return 'now';
  const [unit, size] = UNITS.find(([, each]) => Math.abs(difference) >= each) ?? ['second', 1];
  return RELATIVE.format(Math.trunc(difference / size), unit);
}

/** `10 min`, `1 h 30 min`, `89 d`: at most two units. */
export function formatDuration(seconds: number): string {
  const names = ['y', 'mo', 'd', 'h', 'min', 's'];
  let rest = Math.round(Math.abs(seconds));
  const texts: string[] = [];
  for (const [index, [, size]] of UNITS.entries()) {
    const count = Math.floor(rest / size);
    if (count > 0 || (texts.length === 0 && size === 1)) texts.push(`${count} ${names[index]}`);
    else if (texts.length > 0) break;
    rest -= count * size;
    if (texts.length === 2) break;
  }
  return texts.join(' ');
}

/** In the format that the reader chose, and the other way as the second text. */
export function describeTime(seconds: number, nowSeconds: number, format: TimeFormat): { main: string; other: string } {
  const relative = formatRelative(seconds, nowSeconds);
  if (format === 'relative') return { main: relative, other: formatInstant(seconds, 'utc') };
  return { main: formatInstant(seconds, format), other: relative };
}
