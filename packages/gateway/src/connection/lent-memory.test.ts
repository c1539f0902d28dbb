import { describe, expect, it } from 'vitest';
import { copyOctets, freeOctets } from './lent-memory.ts';

describe('lent memory', () => {
  it.each([1, 8191, 8192, 65_536, 70_000])('copies %i octets, which what comes after does not change', (length) => {
    const source = Buffer.alloc(length + 20, 'a');
    const { octets } = copyOctets(source, 10, 10 + length);
    source.fill('b');
    expect(octets.equals(Buffer.alloc(length, 'a'))).toBe(true);
  });

  it('is lent to one at a time, however often it is given back', () => {
    const source = Buffer.alloc(10_000, 'a');
    const first = copyOctets(source, 0, 10_000);
    first.giveBack();
    first.giveBack();
    const lent = [copyOctets(source, 0, 10_000), copyOctets(source, 0, 10_000)];
    expect(lent[0]!.octets.buffer).toBe(first.octets.buffer);
    expect(lent[1]!.octets.buffer).not.toBe(first.octets.buffer);
    first.giveBack();
    expect(lent.map(({ octets }) => octets.buffer)).not.toContain(copyOctets(source, 0, 10_000).octets.buffer);
  });

  it('is freed only where nothing else is in it', () => {
    const whole = Buffer.from(new ArrayBuffer(10_000));
    const shared = Buffer.from(new ArrayBuffer(20_000));
    freeOctets(shared.subarray(0, 10_000));
    expect(shared.length).toBe(20_000);
    freeOctets(whole);
    expect(whole.length).toBe(0);
  });
});
