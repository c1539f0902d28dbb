/**
 * Durations in a configuration: a whole number and a unit, such as `250ms`, `30s`, `10m`, `24h`, `14d`.
 *
 * One way to write each: no decimals, no signs, no leading zeros, no bare numbers. The typed value is milliseconds, so name
 * the variable that takes it `...Ms`.
 */
import * as z from 'zod';

const UNIT_MS: ReadonlyMap<string, number> = new Map(
  Object.entries({ d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }),
);

const DURATION = /^(0|[1-9]\d{0,14})(ms|s|m|h|d)$/u;

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

export interface DurationBounds {
  /** Least value, itself a duration. Default `0s`. */
  readonly min?: string;
  /** Greatest value, itself a duration. Default: none. */
  readonly max?: string;
}

/**
 * A duration key. Its typed value is a number of milliseconds. Give a default with `.prefault('10m')`, in the file's terms.
 *
 * @throws {TypeError} if a bound is not a duration.
 */
export function duration(bounds: DurationBounds = {}): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  const min = bounds.min === undefined ? 0 : boundMs(bounds.min);
  const max = bounds.max === undefined ? Number.MAX_SAFE_INTEGER : boundMs(bounds.max);
  return z
    .string()
    .transform((text, context) => {
      const milliseconds = parseDurationMs(text);
      const message =
        milliseconds === undefined
          ? 'expected a duration: a whole number and one of ms, s, m, h, d, such as "10m"'
          : milliseconds < min
            ? `must be at least ${bounds.min}`
            : milliseconds > max
              ? `must be at most ${bounds.max}`
              : undefined;
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: text });
      return milliseconds ?? z.NEVER;
    })
    .meta({ 'x-kind': 'duration', 'x-min': bounds.min, 'x-max': bounds.max, pattern: DURATION.source });
}

function boundMs(text: string): number {
  const milliseconds = parseDurationMs(text);
  if (milliseconds === undefined) throw new TypeError(`not a duration: ${text}`);
  return milliseconds;
}
