/** Points in time on the command line: from now on (`15m`, or `-5m` for the past), a date, or seconds since 1970. */
import { parseDurationMs } from '@sealgate/service/plain';
import { misuse } from '../command-error.ts';

const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/u;
const SECONDS = /^\d{9,11}$/u;

/**
 * Whole seconds since 1970.
 *
 * @throws {CommandError} `argument_invalid`, with the option's name.
 */
export function parseMoment(text: string, option: string, nowSeconds: number): number {
  const duration = parseDurationMs(text.replace(/^[+-]/u, ''));
  if (duration !== undefined) return Math.floor(nowSeconds + (text.startsWith('-') ? -duration : duration) / 1000);
  if (SECONDS.test(text)) return Number(text);
  const date = DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return Math.floor(date / 1000);
  throw misuse(
    `${option} takes a time from now such as 15m or -1h, a date such as 2030-01-31T12:00:00Z, or seconds since 1970`,
  );
}
