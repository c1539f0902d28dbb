/**
 * Sizes in a configuration: a whole number and a unit, such as `512b`, `64kb`, `1mb`, `2gb`. As in nginx and most servers, `1kb` is
 * 1024 bytes. The typed value is bytes, so name the variable that takes it `...Bytes`.
 */
import * as z from 'zod';

const UNIT_BYTES: ReadonlyMap<string, number> = new Map(
  Object.entries({ gb: 1024 ** 3, mb: 1024 ** 2, kb: 1024, b: 1 }),
);

const BYTE_SIZE = /^(0|[1-9]\d{0,14})(b|kb|mb|gb)$/u;

/** `"1mb"` to 1048576; undefined if it is not a size, or too large to count exactly. */
export function parseByteSize(text: string): number | undefined {
  const [, amount, unit = ''] = BYTE_SIZE.exec(text) ?? [];
  const bytes = Number(amount) * (UNIT_BYTES.get(unit) ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest way to write a number of bytes: 1048576 to `"1mb"`. */
export function formatByteSize(bytes: number): string {
  const [name, size] = [...UNIT_BYTES].find(([, size]) => bytes !== 0 && bytes % size === 0) ?? ['b', 1];
  return `${bytes / size}${name}`;
}

export interface ByteSizeBounds {
  /** Least value, itself a size. Default `0b`. */
  readonly min?: string;
  /** Greatest value, itself a size. Default: none. */
  readonly max?: string;
}

/**
 * A size key. Its typed value is a number of bytes. Give a default with `.prefault('1mb')`, in the file's terms.
 *
 * @throws {TypeError} if a bound is not a size.
 */
export function byteSize(bounds: ByteSizeBounds = {}): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  const min = bounds.min === undefined ? 0 : boundBytes(bounds.min);
  const max = bounds.max === undefined ? Number.MAX_SAFE_INTEGER : boundBytes(bounds.max);
  return z
    .string()
    .transform((text, context) => {
      const bytes = parseByteSize(text);
      const message =
        bytes === undefined
          ? 'expected a size: a whole number and one of b, kb, mb, gb, such as "1mb"'
          : bytes < min
            ? `must be at least ${bounds.min}`
            : bytes > max
              ? `must be at most ${bounds.max}`
              : undefined;
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: text });
      return bytes ?? z.NEVER;
    })
    .meta({ 'x-kind': 'size', 'x-min': bounds.min, 'x-max': bounds.max, pattern: BYTE_SIZE.source });
}

function boundBytes(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) throw new TypeError(`not a size: ${text}`);
  return bytes;
}
