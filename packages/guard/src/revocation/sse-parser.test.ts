import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuardError } from '../errors.ts';
import { createSseParser, type ServerSentEvent } from './sse-parser.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const parse = (chunks: Iterable<Uint8Array>, maxEventBytes = 1 << 20): ServerSentEvent[] => {
  const events: ServerSentEvent[] = [];
  const parser = createSseParser({ maxEventBytes, onEvent: (event) => events.push(event) });
  for (const chunk of chunks) parser.push(chunk);
  return events;
};

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
  } catch (error) {
    return error instanceof GuardError ? error.code : String(error);
  }
  return undefined;
};

/** Cuts the bytes at the given places, in any order, repeated or beyond the end. */
const cut = (whole: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const at = [...new Set(places.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...at, whole.length];
  return edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
};

/** The standard's algorithm, on the whole stream at once. */
const reference = (text: string): ServerSentEvent[] => {
  const events: ServerSentEvent[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  lines.pop();
  let current: { event: string; data: string[]; id: string | undefined } = {
    event: 'message',
    data: [],
    id: undefined,
  };
  for (const line of lines) {
    if (line === '') {
      if (current.data.length > 0) events.push({ ...current, data: current.data.join('\n') });
      current = { event: 'message', data: [], id: undefined };
      continue;
    }
    const [, field = '', , value = ''] = /^([^:]*)(: ?)?(.*)$/s.exec(line) ?? [];
    if (field === 'data') current.data.push(value);
    if (field === 'event') current.event = value === '' ? 'message' : value;
    if (field === 'id' && !value.includes('\0')) current.id = value;
  }
  return events;
};

const ends = fc.constantFrom('\n', '\r', '\r\n');
const lines = fc.oneof(
  fc.constant(''),
  fc.constantFrom(
    'data',
    'data:',
    'data: ',
    'data:  x',
    'event: change',
    'event:',
    'id: L:7',
    'id',
    ': note',
    'retry: 3',
  ),
  fc.string({ unit: 'binary' }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
  fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, '')),
);
const streams = fc
  .array(fc.tuple(lines, ends), { maxLength: 30 })
  .map((parts) => parts.flat().join(''))
  .chain((text) => fc.constantFrom(text, `\uFEFF${text}`))
  // Only what can be carried as UTF-8.
  .map((text) => text.toWellFormed());

describe('the event stream parser (WHATWG HTML section 9.2.6)', () => {
  it('gives the events of the standard, however the bytes are cut', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(2000), { maxLength: 20 }), (text, places) => {
        expect(parse(cut(bytes(text), places))).toEqual(reference(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws anything but its own errors, for any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
        const code = codeOf(() => parse(chunks, 64));
        expect(['feed_malformed', 'feed_too_large', undefined]).toContain(code);
      }),
    );
  });

  it.each([
    [
      'an event with its name and id',
      'event: change\nid: L:8\ndata: {}\n\n',
      [{ event: 'change', id: 'L:8', data: '{}' }],
    ],
    ['data over several lines', 'data: a\ndata: b\n\n', [{ event: 'message', id: undefined, data: 'a\nb' }]],
    ['comments only', ': ping\n\n: ping\n\n', []],
    ['an event that has not ended', 'data: a\n', []],
    ['a name without data', 'event: hello\n\ndata: a\n\n', [{ event: 'message', id: undefined, data: 'a' }]],
    ['an id with NUL, ignored', 'id: a\0b\ndata: a\n\n', [{ event: 'message', id: undefined, data: 'a' }]],
  ])('reads %s', (_name, text, events) => {
    expect(parse([bytes(text)])).toEqual(events);
  });

  it('refuses bytes that are not UTF-8 instead of replacing them', () => {
    expect(codeOf(() => parse([bytes('data: '), Uint8Array.of(0xc3, 0x28)]))).toBe('feed_malformed');
  });

  it('bounds an event, in one line or in many, and starts counting anew with the next', () => {
    expect(codeOf(() => parse([bytes(`data: ${'x'.repeat(60)}\n\n`)], 64))).toBe('feed_too_large');
    expect(codeOf(() => parse([bytes('data: x\n'.repeat(10))], 64))).toBe('feed_too_large');
    expect(codeOf(() => parse([bytes('x'.repeat(65))], 64))).toBe('feed_too_large');
    expect(parse([bytes(`data: ${'x'.repeat(50)}\n\n`.repeat(10))], 64)).toHaveLength(10);
  });

  it('takes ten megabytes in small chunks in linear time', () => {
    const chunk = bytes('x'.repeat(1000));
    function* stream(): Generator<Uint8Array> {
      yield bytes('data: ');
      for (let n = 0; n < 10_000; n += 1) yield chunk;
      yield bytes('\n\n');
    }
    expect(parse(stream(), 1 << 24)[0]?.data).toHaveLength(10_000_000);
  });
});
