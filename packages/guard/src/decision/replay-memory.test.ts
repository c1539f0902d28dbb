import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayMemory } from './replay-memory.ts';

describe('the memory against replay (RFC 9449 section 11.1)', () => {
  it('takes an id once while it lives, and never holds more than it may', () => {
    const asking = fc.record({ owner: fc.nat(3), id: fc.nat(12), life: fc.nat(65), wait: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(asking, { maxLength: 120 }), (script) => {
        const memory = new ReplayMemory({ maxEntries: 16 });
        const taken = new Map<string, number>();
        let now = 1000;
        for (const { owner, id, life, wait } of script) {
          now += wait;
          const name = `${owner} ${id}`;
          const outcome = memory.take(`o${owner}`, `i${id}`, now + life, now);
          // What is still alive is never taken again, also when there is no room.
          if ((taken.get(name) ?? 0) >= now && taken.has(name)) expect(outcome).toBe('replayed');
          if (outcome === 'held') taken.set(name, now + life);
          expect(memory.size).toBeLessThanOrEqual(16);
        }
      }),
    );
  });

  it('is emptied by time alone', () => {
    const memory = new ReplayMemory({ maxEntries: 8 });
    memory.take('a', '1', 1065, 1000);
    memory.take('a', '2', 1065, 1000);
    expect(memory.take('a', '3', 1065, 1064)).toBe('full');
    expect(memory.take('a', '3', 1140, 1080)).toBe('held');
    expect(memory.size).toBe(1);
    expect(memory.timesTaken('a', '1')).toBe(0);
  });

  it('gives one owner a quarter at most', () => {
    const memory = new ReplayMemory({ maxEntries: 8 });
    const takings = ['1', '2', '3'].map((id) => memory.take('a', id, 1065, 1000));
    expect(takings).toEqual(['held', 'held', 'full']);
    expect(memory.take('b', '1', 1065, 1000)).toBe('held');
  });
});
