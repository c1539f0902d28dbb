import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent, parseTracestate } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('traceparent (W3C Trace Context section 3.2)', () => {
  it.each([
    ['version 00', `00-${TRACE}-${SPAN}-01`, true],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, false],
    ['flags that are not known', `00-${TRACE}-${SPAN}-ff`, true],
    ['a later version', `01-${TRACE}-${SPAN}-00`, false],
    ['a later version with more', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be`, true],
    ['a later version with an empty part', `cc-${TRACE}-${SPAN}-01-`, true],
  ])('takes %s', (_what, value, sampled) => {
    expect(parseTraceparent(value)).toEqual({ traceId: TRACE, parentId: SPAN, sampled });
  });

  it.each([
    ['nothing', undefined],
    ['an empty value', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version 00 with more', `00-${TRACE}-${SPAN}-01-x`],
    ['version 00 with a dash behind', `00-${TRACE}-${SPAN}-01-`],
    ['a later version with more, not separated', `cc-${TRACE}-${SPAN}-01.x`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a parent of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['a version of one digit', `0-${TRACE}-${SPAN}-01`],
    ['blanks', ` 00-${TRACE}-${SPAN}-01`],
    ['a line break behind', `00-${TRACE}-${SPAN}-01\n`],
    ['two of them', `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
  ])('refuses %s', (_what, value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });

  it('gives what was written, and nothing else is its spelling', () => {
    const hex = (length: number) =>
      fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`, 'u')).filter((text) => !/^0*$/u.test(text));
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, parentId, sampled) => {
        const parent = { traceId, parentId, sampled };
        expect(parseTraceparent(formatTraceparent(parent))).toEqual(parent);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('0', 'a', 'b', 'F', '-', '1', ' ', '\n', ','), maxLength: 60 }),
        (text) => {
          const parent = parseTraceparent(text);
          if (parent !== undefined) expect(text).toContain(`-${parent.traceId}-${parent.parentId}-`);
        },
      ),
    );
    // One character changed: still the same text, another valid one, or none.
    fc.assert(
      fc.property(fc.nat(54), fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }), (at, character) => {
        const good = `00-${TRACE}-${SPAN}-01`;
        const bent = good.slice(0, at) + character + good.slice(at + 1);
        const parent = parseTraceparent(bent);
        if (parent !== undefined) expect(bent.slice(3, 52)).toBe(`${parent.traceId}-${parent.parentId}`);
      }),
    );
  });
});

describe('tracestate (section 3.3)', () => {
  it.each([
    [['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'], 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    [['a=1', 'b=2'], 'a=1,b=2'],
    [[' a=1 ,\tb=2\t,, '], 'a=1,b=2'],
    [['1tenant@sys=x'], '1tenant@sys=x'],
    [['a_-*/=  x y'], 'a_-*/=  x y'],
  ])('takes %j', (values, text) => {
    expect(parseTracestate(values)).toBe(text);
  });

  it.each([
    [[]],
    [['']],
    [['a']],
    [['a=']],
    [['=1']],
    [['A=1']],
    [['1a=1']],
    [['a=1=2']],
    [['a=1,a=2']],
    [['a=1', 'a=2']],
    [['a=\u0001']],
    [['a=ä']],
    [[`${'a'.repeat(257)}=1`]],
    [[`a=${'x'.repeat(257)}`]],
    [['t@toolongsystemxy=1']],
    [[Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(',')]],
  ])('drops %j', (values) => {
    expect(parseTracestate(values)).toBeUndefined();
  });

  it('passes on what it would take again, and nothing that ends a header', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: fc.constantFrom('a', 'b', '1', '@', '=', ',', '_', ' ', '\t', '\r', '\n', 'A', '\u00e4') }),
          { maxLength: 4 },
        ),
        (values) => {
          const text = parseTracestate(values);
          if (text === undefined) return;
          expect(text).toMatch(/^[\x20-\x7e]+$/u);
          expect(parseTracestate([text])).toBe(text);
        },
      ),
    );
  });
});
