import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseParser } from './response-parser.ts';

interface Read {
  readonly status: number | undefined;
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[] | undefined;
  readonly state: string;
}

/** Feeds the octets in pieces of the given lengths. */
function read(octets: string, pieces: readonly number[] = [], method = 'GET'): Read {
  let status: number | undefined;
  let fields: readonly string[] = [];
  let body = '';
  let trailers: readonly string[] | undefined;
  const parser = new ResponseParser({
    head: (head) => {
      status = head.status;
      fields = head.fields;
    },
    data: (buffer, start, end) => {
      body += buffer.toString('latin1', start, end);
    },
    end: (found) => {
      trailers = found;
    },
  });
  parser.begin(method);
  let at = 0;
  for (const length of [...pieces, octets.length]) {
    const piece = Buffer.from(octets.slice(at, at + length), 'latin1');
    at += length;
    if (piece.length > 0) parser.read(piece, piece.length);
  }
  return { status, fields, body, trailers, state: parser.state };
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('whole responses (RFC 9112 section 6.3)', () => {
  it.each([
    ['a length', `${OK}Content-Length: 5\r\n\r\nhello`, 'hello', []],
    ['no body', `${OK}Content-Length: 0\r\n\r\n`, '', []],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', '', []],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', '', []],
    ['chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n03;x=y\r\nllo\r\n0\r\n\r\n`, 'hello', []],
    ['trailers', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1 \r\n\r\n`, '', ['x-sum', '1']],
    [
      'an interim response first',
      `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
      'ok',
      [],
    ],
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', '', []],
  ])('%s', (_name, octets, body, trailers) => {
    expect(read(octets)).toMatchObject({ body, trailers, state: 'done' });
  });

  it('HEAD has no body, whatever the head says', () => {
    expect(read(`${OK}Content-Length: 5\r\n\r\n`, [], 'HEAD')).toMatchObject({ trailers: [], state: 'done' });
    expect(read(`${OK}Transfer-Encoding: chunked\r\n\r\n`, [], 'HEAD')).toMatchObject({ trailers: [], state: 'done' });
  });

  it('without length or chunks it lasts until the connection ends', () => {
    expect(read(`${OK}\r\nhello`)).toMatchObject({ body: 'hello', trailers: undefined, state: 'until-close' });
  });

  it('reads the same in any pieces', () => {
    const octets = `HTTP/1.1 100 Continue\r\n\r\n${OK}A: b\r\nTransfer-Encoding: chunked\r\n\r\n2;e=1\r\nhe\r\n3\r\nllo\r\n0\r\nT: u\r\n\r\n`;
    const whole = read(octets);
    expect(whole).toMatchObject({ body: 'hello', trailers: ['t', 'u'], state: 'done' });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (pieces) => {
        expect(read(octets, pieces)).toEqual(whole);
      }),
    );
  });
});

describe('fields that go on', () => {
  it('are all but the hop-by-hop ones, known and named (RFC 9110 section 7.6.1)', () => {
    const head = `${OK}Content-Length: 0\r\nConnection: X-Hop, close\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nX-Request-Id: theirs\r\nUpgrade: h2c\r\n\r\n`;
    expect(read(head).fields).toEqual(['content-length', '0', 'set-cookie', 'a', 'set-cookie', 'b']);
  });
});

describe('malformed, so that its connection is never used again', () => {
  it.each([
    ['two lengths', `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
    ['a list of lengths', `${OK}Content-Length: 5, 5\r\n\r\nhello`],
    ['a signed length', `${OK}Content-Length: +5\r\n\r\nhello`],
    ['length and chunks', `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an unknown coding', `${OK}Transfer-Encoding: gzip\r\n\r\n`],
    ['chunked twice', `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no version', '200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status over 599', 'HTTP/1.1 999 x\r\n\r\n'],
    ['a field without a colon', `${OK}X\r\n\r\n`],
    ['a field without a name', `${OK}: x\r\n\r\n`],
    ['a signed chunk size', `${OK}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n`],
    ['a spaced chunk size', `${OK}Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n`],
    ['an enormous chunk size', `${OK}Transfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n`],
    ['a chunk longer than its size', `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n`],
    ['a line that ends in LF alone', `${OK}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n`],
    ['an endless chunk extension', `${OK}Transfer-Encoding: chunked\r\n\r\n5;${'x'.repeat(5000)}\r\n`],
    ['an endless head', `${OK}${'X: aaaaaaaaaaaaaaaa\r\n'.repeat(5000)}`],
    ['octets behind the response', `${OK}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n`],
    ['octets behind the last chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nx`],
  ])('%s', (_name, octets) => {
    expect(read(octets).state).toBe('malformed');
  });

  it('never throws, whatever arrives', () => {
    const piece = fc.constantFrom(
      OK,
      'HTTP/1.1 204 x\r\n',
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      '\r\n',
      '3\r\nabc\r\n',
      '0\r\n',
      ':',
      '\n',
      'abc',
      'x: y\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), fc.array(fc.nat(7), { maxLength: 20 }), (pieces, splits) => {
        expect(() => read(pieces.join(''), splits)).not.toThrow();
      }),
    );
  });
});
