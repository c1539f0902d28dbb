import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { byteSize, formatByteSize, parseByteSize } from './byte-size.ts';
import { formatDuration, parseDurationMs } from './duration-text.ts';
import { duration } from './duration.ts';

describe('durations', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['14d', 1_209_600_000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDurationMs(text)).toBe(milliseconds);
  });

  it.each([
    '',
    '10',
    'm',
    '10 m',
    ' 10m',
    '10m ',
    '10M',
    '1.5h',
    '-1s',
    '+1s',
    '010s',
    '1e3s',
    '10m5s',
    '١s',
    '10m\n',
    '999999999999999d',
  ])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  it('has one way to write each value: what is formatted parses back, and formatting is shortest', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (milliseconds) => {
        fc.pre(formatDuration(milliseconds).length <= 17);
        expect(parseDurationMs(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });

  it('never gives anything but a safe, non-negative whole number, whatever the text', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,20}(?:ms|s|m|h|d)$/u));
    fc.assert(
      fc.property(texts, (text) => {
        const value = parseDurationMs(text);
        expect(value === undefined || (Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }),
    );
  });

  it('holds its bounds, both included', () => {
    const schema = duration({ min: '1s', max: '1m' });
    expect(schema.parse('1s')).toBe(1000);
    expect(schema.parse('60s')).toBe(60_000);
    expect(schema.safeParse('999ms').error?.issues[0]?.message).toBe('must be at least 1s');
    expect(schema.safeParse('61s').error?.issues[0]?.message).toBe('must be at most 1m');
  });

  it('takes its default in the terms of the file', () => {
    expect(z.strictObject({ ttl: duration().prefault('10m') }).parse({})).toEqual({ ttl: 600_000 });
  });

  it('refuses a bound that is no duration when the schema is built', () => {
    expect(() => duration({ max: '1 hour' })).toThrow(TypeError);
  });
});

describe('sizes', () => {
  it.each([
    ['0b', 0],
    ['512b', 512],
    ['64kb', 65_536],
    ['1mb', 1_048_576],
    ['2gb', 2_147_483_648],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(['', '1', 'mb', '1MB', '1 mb', '1.5mb', '-1b', '01b', '1kib', '1k', '99999999999999gb'])(
    'refuses %j',
    (text) => {
      expect(parseByteSize(text)).toBeUndefined();
    },
  );

  it('parses back what it formats', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (bytes) => {
        fc.pre(formatByteSize(bytes).length <= 16);
        expect(parseByteSize(formatByteSize(bytes))).toBe(bytes);
      }),
    );
  });

  it('holds its bounds, both included', () => {
    const schema = byteSize({ min: '1kb', max: '1mb' });
    expect(schema.parse('1024b')).toBe(1024);
    expect(schema.safeParse('1023b').error?.issues[0]?.message).toBe('must be at least 1kb');
    expect(schema.safeParse('2mb').error?.issues[0]?.message).toBe('must be at most 1mb');
    expect(() => byteSize({ min: '1' })).toThrow(TypeError);
  });
});
