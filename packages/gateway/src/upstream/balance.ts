/**
 * Ways to choose among the instances of an upstream that are available. Pure but for the state they keep of their own.
 *
 * Weights are honoured by all of them: twice the weight gets twice the requests, or counts as half as busy.
 */
import type { Target } from './target.ts';

/** @param key - What stays on one instance, for `hash`. */
export type Balancer = (candidates: readonly Target[], key: string) => Target | undefined;

/** Smooth weighted round robin: each gains its weight, the highest goes and pays the total. */
export function roundRobin(): Balancer {
  const credit = new WeakMap<Target, number>();
  return (candidates) => {
    let total = 0;
    let best: Target | undefined;
    let bestCredit = Number.NEGATIVE_INFINITY;
    for (const target of candidates) {
      const own = (credit.get(target) ?? 0) + target.weight;
      credit.set(target, own);
      total += target.weight;
      if (own > bestCredit) [best, bestCredit] = [target, own];
    }
    if (best !== undefined) credit.set(best, bestCredit - total);
    return best;
  };
}

/** The one with the fewest requests under way for its weight; among equals, each in turn. */
export function leastPending(): Balancer {
  let turn = 0;
  return (candidates) => {
    if (candidates.length <= 1) return candidates[0];
    turn = (turn + 1) % candidates.length;
    let best: Target | undefined;
    for (let index = 0; index < candidates.length; index++) {
      const target = candidates[(turn + index) % candidates.length]!;
      if (best === undefined || (target.pending + 1) / target.weight < (best.pending + 1) / best.weight) best = target;
    }
    return best;
  };
}

/**
 * The better of two drawn at random by weight, by expected wait: latency times requests under way.
 *
 * @param random - Uniform in [0, 1).
 */
export function powerOfTwo(random: () => number): Balancer {
  const cost = (target: Target) => ((target.latencyMs + 1) * (target.pending + 1)) / target.weight;
  return (candidates) => {
    if (candidates.length <= 2) {
      const [first, second] = candidates;
      if (first === undefined || second === undefined) return first;
      return cost(second) < cost(first) ? second : first;
    }
    const first = draw(candidates, random);
    const second = draw(
      candidates.filter((target) => target !== first),
      random,
    );
    return cost(second) < cost(first) ? second : first;
  };
}

function draw(candidates: readonly Target[], random: () => number): Target {
  let left = random() * candidates.reduce((sum, { weight }) => sum + weight, 0);
  for (const target of candidates) {
    left -= target.weight;
    if (left < 0) return target;
  }
  return candidates.at(-1)!;
}

/**
 * Rendezvous hashing: each key prefers the instances in an order of its own, so that losing one moves only its keys.
 * A weight scales the logarithm of the hash, which keeps the shares exact.
 */
export function rendezvousHash(): Balancer {
  return (candidates, key) => {
    let best: Target | undefined;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (const target of candidates) {
      const score = -target.weight / Math.log(unitHash(`${key}\n${target.url}`));
      if (score > bestScore) [best, bestScore] = [target, score];
    }
    return best;
  };
}

/** FNV-1a with a final mix, into (0, 1). Spreads load; keeps no secret. */
export function unitHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 + 2 ** -33;
}
