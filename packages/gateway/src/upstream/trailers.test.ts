import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderRules, foldHeaderName } from '../request/header-rules.ts';
import type { Exchange } from '../server/exchange.ts';
import { requestTrailers, sendableTrailers } from './trailers.ts';

const rules = new HeaderRules(['x-user-id'], ['x-choice']);
const exchange = { runtime: { headerRules: rules }, fields: {}, route: undefined } as unknown as Exchange;

describe('trailers of a request', () => {
  it('never say who calls, in any spelling (ATTACKS.md G2)', () => {
    const separator = fc.constantFrom('-', '_', '.', '~', '|', '!', '+');
    const name = fc
      .tuple(
        fc.constantFrom('x', 'X'),
        separator,
        fc.constantFrom('user', 'User', 'USER'),
        separator,
        fc.constantFrom('id', 'ID'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, (spelled) => {
        expect(requestTrailers([spelled, 'root'], exchange)).toEqual([]);
      }),
    );
  });

  it('are written so that nothing ends a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        const passed = requestTrailers([name, value], exchange);
        if (passed.length === 0) return;
        expect(passed.join('')).not.toMatch(/[\r\n\0]/u);
        expect(rules.actionFor(passed[0] ?? '')).toBe(0);
        expect(foldHeaderName(name)).not.toBe('x-choice');
      }),
    );
  });

  it('keep their order, and each value of a name', () => {
    expect(requestTrailers(['B', '1', 'a', '2', 'b', '3'], exchange)).toEqual(['b', '1', 'a', '2', 'b', '3']);
  });
});

it('trailers of a response keep what may follow it', () => {
  expect(sendableTrailers(['x-sum', '1', 'content-length', '3', 'set-cookie', 'a=1', 'x-bad', 'a\nb'])).toEqual([
    ['x-sum', '1'],
  ]);
});
