import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findToken,
  isBearerToken,
  MALFORMED,
  NO_CREDENTIALS,
  OTHER_SCHEME,
  type FoundToken,
} from './token-extraction.ts';
import type { RequestFacts } from './verdict.ts';

const request = (authorization: readonly string[], cookie: readonly string[] = []): RequestFacts => ({
  method: 'GET',
  path: '/',
  authorization,
  cookie,
  nowSeconds: 0,
});

const find = (...authorization: string[]): FoundToken => findToken(request(authorization), undefined);

describe('the Authorization field (RFC 6750 section 2.1)', () => {
  it.each([
    ['Bearer a.b.c', 'a.b.c'],
    ['bearer a.b.c', 'a.b.c'],
    ['BEARER a.b.c', 'a.b.c'],
    ['bEaReR a==', 'a=='],
  ])('takes %j, whatever the case of the scheme (RFC 9110 section 11.1)', (value, token) => {
    expect(find(value)).toBe(token);
  });

  it.each([
    ['no token', 'Bearer'],
    ['no token after the space', 'Bearer '],
    ['two spaces', 'Bearer  a'],
    ['a tab', 'Bearer\ta'],
    ['a tab after the space', 'Bearer \ta'],
    ['a trailing space', 'Bearer a '],
    ['a trailing tab', 'Bearer a\t'],
    ['two tokens', 'Bearer a b'],
    ['the scheme twice', 'Bearer Bearer a'],
    ['a list', 'Bearer a, Bearer b'],
    ['a list without spaces', 'Bearer a,Bearer'],
    ['an equals sign for the space', 'Bearer=a'],
    ['a comma for the space', 'Bearer,a'],
  ])('refuses %s', (_name, value) => {
    expect(find(value)).toBe(MALFORMED);
  });

  it.each(['DPoP a.b.c', 'dpop a.b.c', 'DPOP a.b.c'])(
    'takes %j as a token under DPoP (RFC 9449 section 7.1)',
    (value) => {
      expect(find(value)).toEqual({ token: 'a.b.c' });
    },
  );

  it.each(['DPoP', 'DPoP ', 'DPoP  a', 'DPoP a b', 'DPoP a,b', 'DPoP\ta', 'DPoP=a'])('refuses %j', (value) => {
    expect(find(value)).toBe(MALFORMED);
  });

  it('refuses two fields, also two equal ones (RFC 6750 section 2, RFC 9110 section 5.3)', () => {
    expect(find('Bearer a', 'Bearer b')).toBe(MALFORMED);
    expect(find('Bearer a', 'Bearer a')).toBe(MALFORMED);
    expect(find('Basic a', 'Bearer a')).toBe(MALFORMED);
  });

  it.each(['Basic YTpi', 'DPoPs a', 'Bearers a', 'Bearer1 a', 'Token a', '', 'a.b.c'])(
    'takes %j for another scheme',
    (value) => {
      expect(find(value)).toBe(OTHER_SCHEME);
    },
  );

  it('finds nothing where there is nothing', () => {
    expect(find()).toBe(NO_CREDENTIALS);
  });

  it('hands on what verifies unchanged: any token of three base64url parts', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
    fc.assert(
      fc.property(fc.tuple(part, part, part), (parts) => {
        const token = parts.join('.');
        expect(find(`Bearer ${token}`)).toBe(token);
        expect(isBearerToken(token)).toBe(true);
      }),
    );
  });

  it('never hands on a token with white space, a comma or a control character that verification would have to notice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const found = find(`Bearer ${text}`);
        if (typeof found !== 'string') return;
        expect(found).toBe(text);
        expect(found).not.toMatch(/[ \t,]/);
      }),
    );
  });
});

describe('a bearer token (RFC 6750 section 2.1, b64token)', () => {
  it.each(['a', 'a-._~+/Z9', 'a=', 'a===='])('is %j', (text) => expect(isBearerToken(text)).toBe(true));
  it.each(['', '=', '=a', 'a=b', 'a"', 'ä', 'a\0'])('is not %j', (text) => expect(isBearerToken(text)).toBe(false));
});

describe('a token cookie, where the route names one', () => {
  const findCookie = (authorization: string[], ...cookie: string[]): FoundToken =>
    findToken(request(authorization, cookie), '__Host-token');

  it('is taken when it is there once', () => {
    expect(findCookie([], 'a=1; __Host-token=x.y.z; b=2')).toBe('x.y.z');
    expect(findCookie([], 'a=1', '__Host-token=x.y.z')).toBe('x.y.z');
  });

  it('is not looked at where the route names none', () => {
    expect(findToken(request([], ['__Host-token=x.y.z']), undefined)).toBe(NO_CREDENTIALS);
  });

  it.each([
    ['twice in a field', ['__Host-token=x; __Host-token=x']],
    ['in two fields', ['__Host-token=x', '__Host-token=y']],
    ['empty', ['__Host-token=']],
    ['quoted', ['__Host-token="x"']],
  ])('is refused %s', (_name, cookie) => {
    expect(findCookie([], ...cookie)).toBe(MALFORMED);
  });

  it('is refused beside an Authorization field: one method only (RFC 6750 section 2)', () => {
    expect(findCookie(['Bearer x'], '__Host-token=x')).toBe(MALFORMED);
    expect(findCookie(['Basic x'], '__Host-token=x')).toBe(MALFORMED);
    expect(findCookie(['Bearer x'], 'other=1')).toBe('x');
  });

  it('is not confused with names that contain it', () => {
    expect(findCookie([], 'x__Host-token=a; __Host-tokens=b; __Host-token')).toBe(NO_CREDENTIALS);
  });
});
