/** The bound on the rate: each turn begins at least its share of a second after the one before. */
import { setTimeout as sleep } from 'node:timers/promises';

/** @param perSecond - Turns a second, at least 1. */
export function createPacer(perSecond: number): () => Promise<void> {
  const gapMs = 1000 / perSecond;
  let next = 0;
  return async () => {
    const now = performance.now();
    const wait = next - now;
    next = Math.max(now, next) + gapMs;
    // A timer is no finer than a millisecond; what is left over is made up by the next turn.
    if (wait >= 1) await sleep(wait);
  };
}
