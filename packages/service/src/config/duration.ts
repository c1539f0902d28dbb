/** Durations as keys of a configuration (`duration-text.ts`). The typed value is milliseconds, so name the variable that takes it `...Ms`. */
import * as z from 'zod';
import { DURATION, parseDurationMs } from './duration-text.ts';

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
