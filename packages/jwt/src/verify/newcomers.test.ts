import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Newcomers } from './newcomers.ts';

describe('newcomers', () => {
  it('are known the second time, as long as no more than the capacity came between', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer(), { maxLength: 50 }), (one, others) => {
        const newcomers = new Newcomers(50);
        newcomers.meet(one);
        for (const other of others) newcomers.meet(other);
        expect(newcomers.meet(one)).toBe(true);
      }),
    );
  });

  it('are taken for others once in twenty times at most, however many come', () => {
    const newcomers = new Newcomers(1000);
    let mistaken = 0;
    for (let index = 0; index < 100_000; index++) if (newcomers.meet(Math.imul(index, 0x9e3779b1))) mistaken++;
    expect(mistaken).toBeLessThan(100_000 / 20);
  });

  it('are strangers again after a clearing, and once twice the capacity came after them', () => {
    const newcomers = new Newcomers(4);
    newcomers.meet(1);
    newcomers.clear();
    expect(newcomers.meet(1)).toBe(false);
    for (let index = 2; index < 12; index++) newcomers.meet(index);
    expect(newcomers.meet(1)).toBe(false);
  });
});
