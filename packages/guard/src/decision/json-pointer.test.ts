import { describe, expect, it } from 'vitest';
import { parseJsonPointer, readPointer } from './json-pointer.ts';

const read = (document: unknown, text: string): unknown => readPointer(document, parseJsonPointer(text, 'test'));

describe('JSON Pointer (RFC 6901)', () => {
  // The document and the values of section 5.
  const document = JSON.parse(
    '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}',
  );

  it.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('reads %j', (text, value) => expect(read(document, text)).toEqual(value));

  it('unescapes ~01 to ~1, not to / (section 4)', () => expect(read({ '~1': 'x' }, '/~01')).toBe('x'));

  it.each(['/foo/00', '/foo/-', '/foo/2', '/foo/+1', '/foo/length', '/foo/0/0', '/nothing/at/all'])(
    'finds nothing at %j',
    (text) => expect(read(document, text)).toBeUndefined(),
  );

  it.each(['/__proto__', '/constructor', '/toString', '/foo/constructor'])('never leaves the own members: %s', (text) =>
    expect(read(document, text)).toBeUndefined(),
  );

  it('reads an own member of such a name', () => expect(read(JSON.parse('{"constructor":1}'), '/constructor')).toBe(1));

  it.each(['foo', '#/foo', '/~', '/~2', '/a~'])('refuses %j', (text) =>
    expect(() => parseJsonPointer(text, 'claims')).toThrow(/claims: .*JSON Pointer/),
  );
});
