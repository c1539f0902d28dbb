/** The readers beneath: base64url, UTF-8, JSON, and finding a token in text. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBase64url, toBase64url } from '../../src/debugger/model/base64url.ts';
import { scanJson } from '../../src/debugger/model/json-scan.ts';
import { compactNode, formatNode, toPlain } from '../../src/debugger/model/json-value.ts';
import { locateTokens } from '../../src/debugger/model/locate.ts';
import { readUtf8 } from '../../src/debugger/model/utf8.ts';

describe('base64url (RFC 4648 section 5)', () => {
  it('is the inverse of encoding, and says nothing against canonical text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(readBase64url(text)).toEqual({ bytes: Uint8Array.from(bytes), faults: [] });
      }),
    );
  });

  it('finds fault with every other spelling of the same bytes', () => {
    fc.assert(
      fc.property(
        fc.base64String({ minLength: 1, maxLength: 60 }),
        fc.string({ minLength: 1, maxLength: 3 }),
        (text, more) => {
          const odd = text + more;
          const isCanonical = Buffer.from(odd, 'base64url').toString('base64url') === odd;
          expect(readBase64url(odd).faults.length === 0).toBe(isCanonical);
        },
      ),
    );
  });
});

describe('JSON (RFC 8259)', () => {
  it('is read as JSON.parse reads it, and written back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const { node, faults } = scanJson(text);
        expect(faults.filter(({ code }) => code !== 'json-lone-surrogate')).toEqual([]);
        if (node === undefined) throw new Error('nothing read');
        expect(JSON.parse(JSON.stringify(toPlain(node)))).toEqual(JSON.parse(text));
        expect(JSON.parse(formatNode(node))).toEqual(JSON.parse(text));
        expect(JSON.parse(compactNode(node))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const cut = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + 1);
    });
    fc.assert(
      fc.property(cut, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        const notes = new Set(['json-duplicate', 'json-lone-surrogate', 'json-number-range']);
        expect(scanJson(text).faults.every(({ code }) => notes.has(code))).toBe(isJson);
      }),
    );
  });

  it('keeps what was read before a fault, both of two members with one name, and a member called __proto__', () => {
    const { node, faults } = scanJson('{"a":1,"a":2,"__proto__":{"x":1},"b":[1,2,}');
    expect(faults.map(({ code, at }) => [code, at])).toEqual([
      ['json-duplicate', 7],
      ['json-syntax', 42],
    ]);
    expect(node?.type === 'object' && node.members.map(({ name, repeated }) => [name, repeated])).toEqual([
      ['a', false],
      ['a', true],
      ['__proto__', false],
      ['b', false],
    ]);
    expect(Object.keys(Object(node && toPlain(node)))).toContain('__proto__');
  });
});

describe('UTF-8 (RFC 3629)', () => {
  it('is refused exactly where a strict decoder refuses it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        let isValid = true;
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(bytes);
        } catch {
          isValid = false;
        }
        expect(readUtf8(bytes).invalidAt === undefined).toBe(isValid);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('finding a token', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';

  it.each([
    [token, 'none'],
    [`  ${token}\n`, 'none'],
    [`Bearer ${token}`, 'bearer'],
    [`Authorization: DPoP ${token}`, 'header'],
    [`-H "Authorization: Bearer ${token}"`, 'header'],
    [`"${token}",`, 'quotes'],
    [token.replaceAll(/.{20}/gu, '$&\n'), 'line-breaks'],
    [token.replaceAll('.', '%2E'), 'percent-encoding'],
    [`https://app.test/cb#access_token=${token}&state=x`, 'text'],
    [`{"id_token":"${token}"}`, 'text'],
  ])('in %s', (text, wrapper) => {
    const [found] = locateTokens(text);
    expect(found).toMatchObject({ token, wrapper });
    expect(text[found?.place(3) ?? -1]).toBe(token[3]);
    expect(text.slice(found?.place(token.length - 1))[0]).toBe(token.at(-1));
  });

  it('names what stands in front of each of several', () => {
    const other = token.replace('AAEC', 'BBBB');
    const found = locateTokens(JSON.stringify({ access_token: token, id_token: other }));
    expect(found.map(({ label }) => label)).toEqual(['access_token', 'id_token']);
  });
});
