/**
 * Notices a worker whose event loop stands still: it is alive, holds its connections, and answers nobody. Each worker says every second that it is
 * well (`beat`); one that has missed too many beats is killed, and replaced like any that died.
 *
 * What is counted is turns of the supervisor, not time: where the machine sleeps, or is short of time for everybody, the supervisor's turns
 * are late as well, and no worker is held to beats that nobody could have heard.
 */
import type { Logger } from '@sealgate/service';
import { BEAT_MS } from './protocol.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface WatchOptions {
  /** All that have not ended. */
  readonly workers: ReadonlySet<WorkerProcess>;
  /** Longest silence, in milliseconds, as it is configured now. */
  readonly silenceMs: () => number;
  readonly logger: Logger;
}

/** @returns how to end it. */
export function watchWorkers({ workers, silenceMs, logger }: WatchOptions): () => void {
  const turn = (): void => {
    const most = Math.ceil(silenceMs() / BEAT_MS);
    for (const worker of workers) {
      if (worker.missedBeats === undefined || worker.hung || ++worker.missedBeats <= most) continue;
      worker.hung = true;
      const { number, pid, missedBeats } = worker;
      logger.error(
        { worker: number, pid, silent_seconds: (missedBeats * BEAT_MS) / 1000 },
        'a worker hangs, and is killed',
      );
      worker.kill();
    }
  };
  const timer = setInterval(turn, BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}
