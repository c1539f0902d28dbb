/** What a time in a token means now: `2026-01-01T00:00:00Z, in 9 minutes`. */

export const TIME_CLAIMS: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at']);

/** Undefined if it is no time that a calendar has. */
export function describeTime(seconds: number, nowSeconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  return `${date.toISOString().replace(/\.\d+Z$/u, 'Z')}, ${describeDistance(seconds - nowSeconds)}`;
}

/** `in 9 minutes`, `3 days ago`. */
export function describeDistance(seconds: number): string {
  const words = describeSpan(Math.abs(seconds));
  return seconds < 0 ? `${words} ago` : `in ${words}`;
}

/** `9 minutes`, `3 days`. */
export function describeSpan(seconds: number): string {
  const [divisor, unit] =
    seconds < 90
      ? [1, 'second']
      : seconds < 5400
        ? [60, 'minute']
        : seconds < 129_600
          ? [3600, 'hour']
          : seconds < 63_115_200
            ? [86_400, 'day']
            : [31_557_600, 'year'];
  const amount = Math.round(seconds / divisor);
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
