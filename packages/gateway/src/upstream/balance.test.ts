import { describe, expect, it } from 'vitest';
import { leastPending, powerOfTwo, rendezvousHash, roundRobin, type Balancer } from './balance.ts';
import { Target } from './target.ts';

const target = (url: string, weight = 1): Target =>
  new Target({
    url,
    weight,
    protocol: 'http1',
    tls: undefined,
    resolve: () => Promise.resolve(['127.0.0.1']),
    resolveEveryMs: 60_000,
    onAddresses: () => undefined,
    connectTimeoutMs: 1000,
    headersTimeoutMs: 1000,
    idleTimeoutMs: 1000,
    maxConnections: 1,
    breakerFailures: 3,
    breakerCooldownMs: 1000,
    monotonicMs: () => 0,
  });

function shares(
  pick: Balancer,
  targets: readonly Target[],
  times: number,
  key = (index: number) => String(index),
): number[] {
  const counts = targets.map(() => 0);
  for (let index = 0; index < times; index++) {
    const at = targets.indexOf(pick(targets, key(index))!);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

/** A fixed sequence in [0, 1). */
function sequence(): () => number {
  let state = 1;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

describe('choosing an instance', () => {
  const [a, b, c] = [target('http://a.test', 2), target('http://b.test'), target('http://c.test')];

  it('round robin follows the weights, spread out', () => {
    const pick = roundRobin();
    const order = Array.from({ length: 8 }, () => [a, b, c].indexOf(pick([a, b, c], '')!));
    expect(order.filter((index) => index === 0)).toHaveLength(4);
    expect(order.join('')).not.toContain('000');
  });

  it('least pending takes the least busy for its weight', () => {
    const pick = leastPending();
    a.pending = 3;
    b.pending = 3;
    c.pending = 1;
    expect(pick([a, b, c], '')).toBe(c);
    c.pending = 9;
    expect(pick([a, b, c], '')).toBe(a);
    for (const each of [a, b, c]) each.pending = 0;
  });

  it('power of two prefers the faster, and never starves anybody', () => {
    const [fast, slow, third] = [target('http://f.test'), target('http://s.test'), target('http://t.test')];
    fast.latencyMs = 1;
    slow.latencyMs = 100;
    third.latencyMs = 10;
    const [fastShare, slowShare, thirdShare] = shares(powerOfTwo(sequence()), [fast, slow, third], 3000);
    expect(fastShare).toBeGreaterThan(thirdShare ?? 0);
    expect(thirdShare).toBeGreaterThan(slowShare ?? 0);
  });

  it('hashing keeps a key on its instance, spreads keys by weight, and moves only those of a lost one', () => {
    const pick = rendezvousHash();
    const [shareA = 0, shareB = 0, shareC = 0] = shares(pick, [a, b, c], 4000);
    expect(shareA).toBeGreaterThan(1800);
    expect(shareA).toBeLessThan(2200);
    expect(Math.min(shareB, shareC)).toBeGreaterThan(850);
    for (let index = 0; index < 200; index++) {
      const before = pick([a, b, c], `k${index}`);
      if (before !== c) expect(pick([a, b], `k${index}`)).toBe(before);
    }
  });

  it('nobody available is nobody', () => {
    for (const pick of [roundRobin(), leastPending(), powerOfTwo(sequence()), rendezvousHash()])
      expect(pick([], 'x')).toBeUndefined();
  });
});

describe('the circuit of an instance', () => {
  it('opens after failures in a row, lets one request try after the cool-down, and closes when that succeeds', () => {
    const one = target('http://one.test');
    for (let failure = 0; failure < 3; failure++) {
      expect(one.isAvailable(0)).toBe(true);
      one.begin();
      one.failed(0);
    }
    expect([one.isAvailable(999), one.circuit(999)]).toEqual([false, 'open']);
    expect([one.isAvailable(1000), one.circuit(1000)]).toEqual([true, 'half-open']);
    one.begin();
    expect(one.isAvailable(1000)).toBe(false);
    one.failed(1000);
    expect(one.isAvailable(1999)).toBe(false);
    one.begin();
    one.succeeded(5);
    expect([one.isAvailable(1999), one.circuit(1999), one.pending]).toEqual([true, 'closed', 0]);
  });
});
