/**
 * Durations as text: a whole number and a unit, such as `250ms`, `30s`, `10m`, `24h`, `14d`. One way to write each: no decimals, no signs, no
 * leading zeros, no bare numbers. As a key of a configuration: `duration.ts`.
 */

const UNIT_MS: ReadonlyMap<string, number> = new Map(
  Object.entries({ d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }),
);

export const DURATION = /^(0|[1-9]\d{0,14})(ms|s|m|h|d)$/u;

/** `"10m"` to 600000; undefined if it is not a duration, or too long to count exactly. */
export function parseDurationMs(text: string): number | undefined {
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  const milliseconds = Number(amount) * (UNIT_MS.get(unit) ?? Number.NaN);
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}

/** The shortest way to write a number of milliseconds: 600000 to `"10m"`. */
export function formatDuration(milliseconds: number): string {
  const [name, size] = [...UNIT_MS].find(([, size]) => milliseconds !== 0 && milliseconds % size === 0) ?? ['s', 1000];
  return `${milliseconds / size}${name}`;
}
