/** What is measured of workers as such. */
import type { Metrics } from '@sealgate/service';
import type { Counter } from 'prom-client';
import type { WorkerProcess, WorkerState } from './worker-process.ts';

/** Why a worker was started in the place of another. */
export type RestartReason = 'died' | 'hung' | 'asked' | 'reload';

const STATES: readonly WorkerState[] = ['starting', 'serving', 'draining'];

export function registerSupervisorMetrics(
  metrics: Metrics,
  workers: () => readonly WorkerProcess[],
): { restarts: Counter<'reason'> } {
  metrics.gauge({
    name: 'sealgate_gateway_workers',
    help: 'Worker processes, by what they do at present.',
    labelNames: ['state'],
    collect() {
      for (const state of STATES) this.set({ state }, workers().filter((worker) => worker.state === state).length);
    },
  });
  return {
    restarts: metrics.counter({
      name: 'sealgate_gateway_worker_restarts_total',
      help: 'Workers started in the place of another: it `died`, it `hung` and was killed, was `asked` to end by a signal, or a `reload` needed it.',
      labelNames: ['reason'],
    }),
  };
}
