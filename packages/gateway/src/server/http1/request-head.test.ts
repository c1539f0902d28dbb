import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequestHead } from './request-head.ts';

const parse = (head: string, mostFields = 100) => {
  const octets = Buffer.from(head, 'latin1');
  return parseRequestHead(octets, 0, octets.length, mostFields);
};
const LINE = 'GET /a HTTP/1.1\r\nHost: h';

describe('parseRequestHead reads one meaning (RFC 9112 sections 3 and 5)', () => {
  it('gives method, target and fields as they came, values without white space around', () => {
    expect(parse('POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-A:\t b  c \r\nx-a:')).toEqual({
      method: 'POST',
      target: '/a?b=c',
      minor: 1,
      fields: ['Host', 'h:1', 'X-A', 'b  c', 'x-a', ''],
      contentLength: 0,
      chunked: false,
      keepAlive: true,
      wantsWebSocket: false,
    });
  });

  it.each([
    ['an HTTP/1.1 connection is kept', LINE, true],
    ['unless it says close', `${LINE}\r\nConnection: x, Close`, false],
    ['one of HTTP/1.0 is not', 'GET /a HTTP/1.0', false],
    ['unless it says keep-alive', 'GET /a HTTP/1.0\r\nConnection: Keep-Alive', true],
  ])('%s (section 9.3)', (_name, head, keepAlive) => {
    expect(parse(head)).toMatchObject({ keepAlive });
  });

  it.each([
    ['asked for in full', `${LINE}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket`, true],
    ['without the connection option', `${LINE}\r\nUpgrade: websocket`, false],
    ['to something else', `${LINE}\r\nConnection: upgrade\r\nUpgrade: h2c`, false],
    ['by a POST', 'POST /a HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket', false],
  ])('an upgrade %s (RFC 6455 section 4.1)', (_name, head, wantsWebSocket) => {
    expect(parse(head)).toMatchObject({ wantsWebSocket });
  });

  it('takes a length or chunks', () => {
    expect(parse(`${LINE}\r\nContent-Length: 007`)).toMatchObject({ contentLength: 7, chunked: false });
    expect(parse(`${LINE}\r\nTransfer-Encoding: Chunked`)).toMatchObject({ chunked: true });
  });

  it.each([
    ['nothing', ''],
    ['a method alone', 'GET'],
    ['no target', 'GET  HTTP/1.1\r\nHost: h'],
    ['two spaces', 'GET  /a HTTP/1.1\r\nHost: h'],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: h'],
    ['a space behind the version', 'GET /a HTTP/1.1 \r\nHost: h'],
    ['a tab for a space', 'GET\t/a HTTP/1.1\r\nHost: h'],
    ['HTTP/0.9', 'GET /a'],
    ['a method nobody knows', 'FROB /a HTTP/1.1\r\nHost: h'],
    ['a method in lower case', 'get /a HTTP/1.1\r\nHost: h'],
    ['CONNECT', 'CONNECT h:1 HTTP/1.1\r\nHost: h:1'],
    ['no host', 'GET /a HTTP/1.1\r\nX: y'],
    ['two hosts', `${LINE}\r\nhost: h`],
    ['a bare LF', 'GET /a HTTP/1.1\nHost: h'],
    ['a bare CR', `${LINE}\r\nX: a\rb`],
    ['NUL', `${LINE}\r\nX: a\0b`],
    ['DEL', `${LINE}\r\nX: a\x7fb`],
    ['a folded line', `${LINE}\r\nX: a\r\n b`],
    ['a space before the colon', `${LINE}\r\nX : a`],
    ['no name', `${LINE}\r\n: a`],
    ['no colon', `${LINE}\r\nX`],
    ['a name of other letters', `${LINE}\r\nX\u00e9: a`],
    ['two lengths', `${LINE}\r\nContent-Length: 1\r\nContent-Length: 1`],
    ['a signed length', `${LINE}\r\nContent-Length: +1`],
    ['a list of lengths', `${LINE}\r\nContent-Length: 1, 1`],
    ['an empty length', `${LINE}\r\nContent-Length:`],
    ['length and chunks', `${LINE}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked`],
    ['another coding', `${LINE}\r\nTransfer-Encoding: gzip, chunked`],
    ['chunked twice', `${LINE}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked`],
    ['chunks in HTTP/1.0', 'POST /a HTTP/1.0\r\nTransfer-Encoding: chunked'],
  ])('refuses %s', (_name, head) => {
    expect(parse(head)).toBe('request_malformed');
  });

  it.each(['HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9'])('knows %s for a version it does not speak', (version) => {
    expect(parse(`GET /a ${version}\r\nHost: h`)).toBe('version_unsupported');
  });

  it('counts fields', () => {
    const head = `${LINE}${'\r\nX: y'.repeat(9)}`;
    expect(parse(head, 10)).toMatchObject({ method: 'GET' });
    expect(parse(head, 9)).toBe('headers_too_large');
  });

  it('refuses every head with a control character, or a CR or LF alone', () => {
    // eslint-disable-next-line no-control-regex -- the characters that must not be
    const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/u;
    const value = fc.string({
      unit: fc
        .oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(9, 10, 13, 32, 97, 127))
        .map((octet) => String.fromCharCode(octet)),
      maxLength: 6,
    });
    fc.assert(
      fc.property(value, fc.boolean(), (text, last) => {
        const head = `${LINE}\r\nX: ${text}${last ? '' : '\r\nY: z'}`;
        if (forbidden.test(head)) expect(parse(head)).toBe('request_malformed');
        else if (!text.includes('\r\n')) expect(parse(head)).toMatchObject({ method: 'GET' });
      }),
      { numRuns: 20_000 },
    );
  });

  it('never throws; what it takes, written out again, reads the same', () => {
    const piece = fc.constantFrom(
      'GET ',
      'POST ',
      '/a',
      ' HTTP/1.1',
      ' HTTP/1.0',
      '\r\n',
      '\n',
      '\r',
      'Host: h',
      'Content-Length: 1',
      'Transfer-Encoding: chunked',
      'Connection: close',
      'X: y',
      ':',
      ' ',
      '\t',
      '\0',
      '\u00e9',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const head = parse(pieces.join(''));
        if (typeof head === 'string') return;
        const { method, target, minor, fields } = head;
        let text = `${method} ${target} HTTP/1.${minor}`;
        for (let index = 0; index < fields.length; index += 2) text += `\r\n${fields[index]}: ${fields[index + 1]}`;
        expect(parse(text)).toEqual(head);
      }),
      { numRuns: 20_000 },
    );
  });
});
