/** How benchmark rounds become figures, ratios and verdicts (`bench/statistics.ts`, `bench/report.ts`). */
import { describe, expect, it } from 'vitest';
import { printComparison, quantity, renderResults } from '../bench/report.ts';
import type { Comparison } from '../bench/section.ts';
import { judge, ratio, summarize } from '../bench/statistics.ts';

const rounds = (...values: number[]) => values.map((value) => ({ value, ratePerSecond: 1e6 / value }));

const comparison: Comparison = {
  title: 'RS256',
  unit: 'µs CPU per request',
  contenders: [
    { name: 'ours', rounds: rounds(40, 50, 90) },
    { name: 'peer', rounds: rounds(50, 100, 90) },
  ],
  peer: 'peer',
  targets: [{ contender: 'ours', bound: 'at most', limit: 0.85, times: 'peer' }],
};

describe('figures', () => {
  it.each([
    [[3], { min: 3, median: 3, max: 3 }],
    [[4, 1], { min: 1, median: 2.5, max: 4 }],
    [[9, 1, 2], { min: 1, median: 2, max: 9 }],
  ])('of %j are its least, middle and greatest', (values, expected) => {
    expect(summarize(values)).toEqual(expected);
  });

  it('need at least one round', () => {
    expect(() => summarize([])).toThrow(RangeError);
  });

  it.each([
    [0, '0'],
    [0.0123, '0.012'],
    [9.876, '9.88'],
    [60.04, '60.0'],
    [416.2, '416'],
    [22039, '22,039'],
  ])('%d is shown as %s', (value, text) => {
    expect(quantity(value)).toBe(text);
  });
});

describe('ratios', () => {
  it('are taken round by round, not between medians', () => {
    const [ours, peer] = comparison.contenders;
    if (ours === undefined || peer === undefined) throw new TypeError('two contenders');
    expect(ratio(ours, peer)).toEqual({ min: 0.5, median: 0.8, max: 1 });
  });

  it('of one that took part in the first rounds only are those of these rounds', () => {
    const some = { name: 'some', rounds: rounds(10) };
    const all = { name: 'all', rounds: rounds(5, 1000) };
    expect(ratio(some, all).median).toBe(2);
    expect(ratio(all, some).median).toBe(0.5);
  });
});

describe('targets', () => {
  it.each([
    [{ contender: 'ours', bound: 'at most', limit: 0.8, times: 'peer' }, true],
    [{ contender: 'ours', bound: 'at most', limit: 0.79, times: 'peer' }, false],
    [{ contender: 'ours', bound: 'at most', limit: 50 }, true],
    [{ contender: 'ours', bound: 'at least', limit: 20_000, of: 'ratePerSecond' }, true],
    [{ contender: 'ours', bound: 'at least', limit: 20_001, of: 'ratePerSecond' }, false],
  ] as const)('%j is met: %s', (target, met) => {
    expect(judge(comparison, target).met).toBe(met);
  });

  it('must name a contender that was measured', () => {
    expect(() => judge(comparison, { contender: 'nobody', bound: 'at most', limit: 1 })).toThrow(/nobody/u);
  });
});

describe('reports', () => {
  const machine = {
    cpu: 'A CPU',
    cores: 2,
    memoryGiB: 24,
    kernel: 'Linux 6',
    node: 'v26.0.0',
    loadBefore: 0,
    date: '2026-01-01T00:00Z',
    commit: 'abc',
  };

  it('say on which machine, each figure with its spread, the ratio, and whether the target is met', () => {
    const text = renderResults([{ name: 'gateway', title: 'Gateway', machine, comparisons: [comparison] }]);
    expect(text).toContain('A CPU, 2 cores, 24 GiB');
    expect(text).toContain('| ours | 50.0 (40.0 to 90.0) | 20,000 | 0.80 |');
    expect(text).toContain('- met: ours at most 0.85 x peer; measured 0.80 x');
  });

  it('say how much memory each held, in the middle round', () => {
    const contenders = comparison.contenders.map((one) => ({
      ...one,
      rounds: one.rounds.map((round, index) => ({ ...round, residentBytes: (index + 1) * 100 * 2 ** 20 })),
    }));
    const text = renderResults([
      { name: 'gateway', title: 'Gateway', machine, comparisons: [{ ...comparison, contenders }] },
    ]);
    expect(text).toContain('| per second | MiB | x peer |');
    expect(text).toContain('| ours | 50.0 (40.0 to 90.0) | 20,000 | 200 | 0.80 |');
  });

  it('show what is added to the 99th percentile beside what is added to the median', () => {
    const contenders = comparison.contenders.map((one) => ({
      ...one,
      rounds: one.rounds.map((round, index) => ({ ...round, addedP99Ms: index })),
    }));
    const text = renderResults([
      { name: 'gateway', title: 'Gateway', machine, comparisons: [{ ...comparison, contenders }] },
    ]);
    expect(text).toContain('| µs CPU per request | ms added, p99 | per second | x peer |');
    expect(text).toContain('| ours | 50.0 (40.0 to 90.0) | 1.00 | 20,000 | 0.80 |');
  });

  it('say how much else ran', () => {
    const contenders = comparison.contenders.map((one) => ({
      ...one,
      rounds: one.rounds.map((round, index) => ({ ...round, disturbance: index / 10 })),
    }));
    expect(printComparison({ ...comparison, contenders })).toContain('took 10 % of the measured core');
  });

  it('show the same on the terminal', () => {
    expect(printComparison(comparison)).toContain('50.0 (40.0 to 90.0)');
  });
});
