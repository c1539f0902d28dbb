import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineWriter } from './access-line.ts';
import type { AccessEntry } from './access-log.ts';

const NOW = Date.UTC(2026, 10, 2, 6, 9, 2, 345);
const ENTRY: AccessEntry = {
  requestId: 'request-1',
  traceId: '',
  ip: '192.0.2.1',
  httpVersion: '1.1',
  method: 'GET',
  path: '/orders/1',
  route: 'orders',
  status: 200,
  code: 'allowed',
  subject: 'alice',
  clientId: '',
  upstream: '10.0.0.1:9000',
  durationMs: 1.5,
  responseBytes: 512,
};
const json = lineWriter('json', () => NOW);
const common = lineWriter('common', () => NOW);

/** The format as log readers parse it; undefined where a line is not one. */
const COMMON =
  /^(\S+) (\S+) (\S+) \[(\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)\n$/u;

describe('the Common Log Format', () => {
  it('has address, user, time, request, status and size', () => {
    expect(common(ENTRY)).toBe('192.0.2.1 - alice [02/Nov/2026:06:09:02 +0000] "GET /orders/1 HTTP/1.1" 200 512\n');
  });

  it.each(['1.0', '2.0'] as const)('says which HTTP it was: %s', (httpVersion) => {
    expect(common({ ...ENTRY, httpVersion })).toContain(`"GET /orders/1 HTTP/${httpVersion}"`);
  });

  it('says "-" for what is not there', () => {
    const nothing = {
      ...ENTRY,
      ip: '',
      subject: '',
      path: '',
      httpVersion: '2.0' as const,
      status: 400,
      responseBytes: 0,
    };
    expect(common(nothing)).toBe('- - - [02/Nov/2026:06:09:02 +0000] "GET - HTTP/2.0" 400 -\n');
  });

  it.each([
    ['a quote', 'a"b', 'a\\x22b'],
    ['a backslash', 'a\\b', 'a\\x5cb'],
    ['a line break', 'a\r\n10.0.0.1 - root', 'a\\x0d\\x0a10.0.0.1\\x20-\\x20root'],
    ['an escape sequence', 'a\u001b[2J', 'a\\x1b[2J'],
    ['what is not ASCII', 'ä\u2028', '\\xc3\\xa4\\xe2\\x80\\xa8'],
  ])('escapes %s', (_name, subject, written) => {
    expect(COMMON.exec(common({ ...ENTRY, subject }))?.[3]).toBe(written);
  });
});

describe('no text of a client or a token breaks out of its field', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });

  it('common', () => {
    fc.assert(
      fc.property(text, text, (path, subject) => {
        const line = common({ ...ENTRY, path: `/${path}`, subject: `s${subject}` });
        expect(line).toMatch(/^[\x20-\x7e]*\n$/u);
        expect(COMMON.exec(line)?.slice(1, 3)).toEqual(['192.0.2.1', '-']);
        expect(COMMON.exec(line)?.slice(6)).toEqual(['200', '512']);
      }),
    );
  });

  it('json', () => {
    fc.assert(
      fc.property(text, text, (path, subject) => {
        const line = json({ ...ENTRY, path: `/${path}`, subject: `s${subject}` });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(JSON.parse(line)).toMatchObject({ time: '2026-11-02T06:09:02.345Z', sub: `s${subject}`, status: 200 });
      }),
    );
  });
});

it.each([json, common])('a token in the path is cut: %#', (line) => {
  const written = line({ ...ENTRY, path: '/reset/eyJhbGciOiJFUzI1NiJ9.e30.x/end' });
  expect(written).toContain('/reset/[token]/end');
  expect(written).not.toContain('eyJ');
});
