/** JSON bodies: one object, each member once at every depth (RFC 8259 section 4: names should be unique). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyError, parseJsonBody } from './json-body.ts';

const parse = (text: string) => parseJsonBody(Buffer.from(text));

describe('a JSON body', () => {
  it('is what JSON.parse makes of any JSON text without repeated members', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is parsed or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseJsonBody(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(BodyError);
        }
      }),
    );
  });

  it('is refused with a member repeated, wherever it stands', () => {
    const name = fc.string({ unit: 'binary', maxLength: 8 });
    const wrap = fc.constantFrom(
      (text: string) => text,
      (text: string) => `[1,${text},{}]`,
      (text: string) => `{"x":{"y":[${text}]}}`,
      (text: string) => `{"x":"{}",  "y" : ${text}}`,
    );
    fc.assert(
      fc.property(name, fc.json(), wrap, (member, value, inside) => {
        const escaped = [...Array(member.length).keys()].map(
          (at) => `\\u${member.charCodeAt(at).toString(16).padStart(4, '0')}`,
        );
        const text = inside(`{${JSON.stringify(member)}:${value},"${escaped.join('')}":1}`);
        expect(() => parse(text)).toThrow(expect.objectContaining({ fault: 'member_repeated' }));
      }),
    );
  });

  it.each(['', '{', '\ufeff{}', '{"a":1}{"a":1}', "{'a':1}", '{"a":01}', 'NaN'])('%j is refused', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ fault: 'json_invalid' }));
  });
});
