/**
 * Notices a worker whose event loop stands still: it is alive, holds its connections, and answers nobody. Each worker says every second that it is
 * well (`beat`); one that has missed too many beats is killed, and replaced like any that died. That begins at the fork: until its first beat a
 * process loads its program, and gets {@link START_SILENCES} times as long.
 *
 * What is counted is turns of the supervisor, not time: where the machine sleeps, or is short of time for everybody, the supervisor's turns
 * are late as well, and no worker is held to beats that nobody could have heard.
 */
import type { Logger } from '@sealgate/service';
import { BEAT_MS } from './protocol.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How many silences a worker may take until its first beat. */
const START_SILENCES = 3;

export type WatchedWorker = Pick<WorkerProcess, 'number' | 'pid' | 'missedBeats' | 'hasBeaten' | 'hung' | 'kill'>;

export interface WatchOptions {
  /** All that have not ended. */
  readonly workers: ReadonlySet<WatchedWorker>;
  /** Longest silence, in milliseconds, as it is configured now. */
  readonly silenceMs: () => number;
  readonly logger: Logger;
}

/** @returns how to end it. */
export function watchWorkers({ workers, silenceMs, logger }: WatchOptions): () => void {
  const turn = (): void => {
    const most = Math.ceil(silenceMs() / BEAT_MS);
    for (const worker of workers) {
      if (worker.hung || ++worker.missedBeats <= (worker.hasBeaten ? most : START_SILENCES * most)) continue;
      worker.hung = true;
      const { number, pid, missedBeats, hasBeaten } = worker;
      logger.error(
        { worker: number, pid, silent_seconds: (missedBeats * BEAT_MS) / 1000 },
        hasBeaten ? 'a worker hangs, and is killed' : 'a worker hangs before its first word, and is killed',
      );
      worker.kill();
    }
  };
  const timer = setInterval(turn, BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}
