import { describe, expect, it } from 'vitest';
import { NameLists } from './name-lists.ts';

describe('lists of names in a token', () => {
  it.each<[unknown, readonly string[]]>([
    ['a b', ['a', 'b']],
    ['', []],
    [' a  b ', ['a', 'b']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [[], []],
    [['a', 1], []],
    [undefined, []],
    [7, []],
    [{ 0: 'a', length: 1 }, []],
    [['__proto__'], ['__proto__']],
  ])('%j is read as scopes %j', (value, names) => {
    expect(new NameLists().readScopes(value)).toEqual(names);
  });

  it('keeps a role with a space apart from two roles', () => {
    const lists = new NameLists();
    expect(lists.readNames(['a', 'b'])).toEqual(['a', 'b']);
    expect(lists.readNames(['a b'])).toEqual(['a b']);
    expect(lists.readNames(['a', 'b'])).toEqual(['a', 'b']);
  });

  it('does not take one string for a list of roles', () => {
    expect(new NameLists().readNames('admin')).toEqual([]);
  });

  it('gives equal lists as one, frozen, and stays bounded in a flood', () => {
    const lists = new NameLists();
    expect(lists.readScopes('a b')).toBe(lists.readScopes('a b'));
    expect(Object.isFrozen(lists.readScopes('a b'))).toBe(true);
    for (let n = 0; n < 10_000; n += 1) lists.readScopes(`s${n}`);
    expect(lists.readScopes('a b')).toEqual(['a', 'b']);
  });
});
