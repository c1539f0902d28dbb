import { silentLogger } from '@sealgate/service';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BEAT_MS } from './protocol.ts';
import { watchWorkers } from './watch-workers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Turns of the supervisor, and after which the worker says that it is well. */
it.each<[string, number, readonly number[], readonly string[]]>([
  ['a worker that beats is left alone', 60, Array.from({ length: 60 }, (_, turn) => turn), []],
  ['one that falls silent is killed', 9, [0, 1, 2], ['a worker hangs, and is killed']],
  ['but not before its time', 5, [0, 1, 2], []],
  ['one that starts has three times as long', 9, [], []],
  ['and is killed then', 10, [], ['a worker hangs before its first word, and is killed']],
  ['once', 30, [], ['a worker hangs before its first word, and is killed']],
  ['its first beat is the end of its start', 14, [8], ['a worker hangs, and is killed']],
])('%s', (_what, turns, beats, expected) => {
  const logger = silentLogger();
  const logged = vi.spyOn(logger, 'error');
  const kill = vi.fn<() => void>();
  const worker = { number: 1, pid: 2, missedBeats: 0, hasBeaten: false, hung: false, kill };
  const unwatch = watchWorkers({ workers: new Set([worker]), silenceMs: () => 3 * BEAT_MS, logger });
  for (let turn = 0; turn < turns; turn++) {
    vi.advanceTimersByTime(BEAT_MS);
    if (beats.includes(turn)) Object.assign(worker, { missedBeats: 0, hasBeaten: true });
  }
  unwatch();
  expect(logged.mock.calls.map(([, message]) => String(message))).toEqual(expected);
  expect(kill).toHaveBeenCalledTimes(expected.length);
});
