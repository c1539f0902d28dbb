import { expect, it } from 'vitest';
import { restartDelayMs } from './restart-delay.ts';

it('a worker is replaced at once; one that never lives, every ten seconds in the end', () => {
  const delays = Array.from({ length: 10 }, (_, failures) => restartDelayMs(failures));
  expect(delays).toEqual([0, 0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000]);
});
