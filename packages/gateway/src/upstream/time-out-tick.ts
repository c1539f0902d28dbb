/** How often a pool looks at the time-outs of all that it holds: one timer costs less than one for each request. */
import type { TransportOptions } from './transport.ts';

/** Milliseconds, at most and at least. */
const [LONGEST_TICK_MS, SHORTEST_TICK_MS] = [500, 5];

type TimeOuts = Pick<TransportOptions, 'connectTimeoutMs' | 'headerTimeoutMs' | 'idleTimeoutMs'>;

/** An eighth of the shortest of the time-outs: none comes later than by that. */
export function tickMsOf({ connectTimeoutMs, headerTimeoutMs, idleTimeoutMs }: TimeOuts): number {
  const shortest = Math.min(connectTimeoutMs, headerTimeoutMs, idleTimeoutMs);
  return Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, shortest / 8));
}
