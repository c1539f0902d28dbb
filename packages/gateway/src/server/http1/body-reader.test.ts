import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyReader } from './body-reader.ts';

interface Read {
  readonly body: string;
  readonly state: string;
  /** Octets behind the body. */
  readonly rest: string;
}

/** Reads octets that arrive in pieces of the given sizes, in turn. */
function read(octets: string, length: number | 'chunked', pieces: readonly number[] = []): Read {
  const reader = new BodyReader(length === 'chunked' ? 0 : length, length === 'chunked');
  let body = '';
  let [at, turn] = [0, 0];
  const isOver = (): boolean => reader.state === 'done' || reader.state === 'malformed';
  while (at < octets.length && !isOver()) {
    const size = pieces.length === 0 ? octets.length : (pieces[turn++ % pieces.length] ?? 1);
    const buffer = Buffer.from(octets.slice(at, at + size), 'latin1');
    const used = reader.read(buffer, 0, (chunk) => {
      body += chunk.toString('latin1');
    });
    at += isOver() ? used : buffer.length;
  }
  return { body, state: reader.state, rest: octets.slice(at) };
}

describe('BodyReader, by length (RFC 9112 section 6.2)', () => {
  it.each([
    [0, 'GET', '', 'done', 'GET'],
    [3, 'abcGET', 'abc', 'done', 'GET'],
    [3, 'ab', 'ab', 'length', ''],
  ])('%s octets of %j', (length, octets, body, state, rest) => {
    expect(read(octets, length)).toEqual({ body, state, rest });
  });
});

describe('BodyReader, in chunks (RFC 9112 section 7.1)', () => {
  it.each([
    ['one chunk', '3\r\nabc\r\n0\r\n\r\nGET', 'abc', 'GET'],
    ['several', '1\r\na\r\n2\r\nbc\r\n0\r\n\r\n', 'abc', ''],
    ['none', '0\r\n\r\nGET', '', 'GET'],
    ['zeros before the size', '0003\r\nabc\r\n000\r\n\r\n', 'abc', ''],
    ['extensions', '3;a=b;c="d"\r\nabc\r\n0;e\r\n\r\n', 'abc', ''],
    ['trailers', '3\r\nabc\r\n0\r\nX-A: b\r\nY:\r\n\r\nGET', 'abc', 'GET'],
    ['line ends as content', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n', ''],
  ])('%s', (_name, octets, body, rest) => {
    expect(read(octets, 'chunked')).toEqual({ body, state: 'done', rest });
  });

  it.each([
    ['a signed size', '+3\r\nabc\r\n0\r\n\r\n'],
    ['0x', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['a space behind the size', '3 \r\nabc\r\n0\r\n\r\n'],
    ['no size', '\r\nabc\r\n'],
    ['an enormous size', 'fffffffffffff\r\n'],
    ['a bare LF behind the size', '3\nabc\r\n0\r\n\r\n'],
    ['a bare CR in an extension', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
    ['a chunk longer than its size', '2\r\nabc\r\n0\r\n\r\n'],
    ['a bare LF behind a chunk', '3\r\nabc\n0\r\n\r\n'],
    ['a trailer without a colon', '0\r\nabc\r\n\r\n'],
    ['a folded trailer', '0\r\nA: b\r\n c\r\n\r\n'],
    ['endless extensions', `${'1;'.padEnd(4000, 'x')}\r\na\r\n`.repeat(5)],
    ['an endless line', '0'.repeat(5000)],
    ['endless trailers', `0\r\n${`B: ${'x'.repeat(4000)}\r\n`.repeat(5)}`],
  ])('refuses %s', (_name, octets) => {
    expect(read(octets, 'chunked').state).toBe('malformed');
  });

  it('reads the same in whatever pieces the octets arrive', () => {
    const chunk = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 });
    const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 5 }),
        fc.string({ unit: 'binary-ascii' }),
        pieces,
        (chunks, rest, sizes) => {
          const framed = chunks.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('');
          const octets = `${framed}0\r\n\r\n${rest}`;
          expect(read(octets, 'chunked', sizes)).toEqual({ body: chunks.join(''), state: 'done', rest });
        },
      ),
    );
  });

  it('never throws, and judges the same in whatever pieces', () => {
    const piece = fc.constantFrom('3\r\n', 'abc', '\r\n', '0\r\n', '\n', ';x', ' ', 'A: b', '1', 'f', '\r');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
        (all, sizes) => {
          const octets = all.join('');
          expect(read(octets, 'chunked', sizes)).toEqual(
            expect.objectContaining({ state: read(octets, 'chunked').state }) as Read,
          );
        },
      ),
      { numRuns: 5000 },
    );
  });
});
