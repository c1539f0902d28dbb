/**
 * One worker as its supervisor sees it: a process that was forked, the questions it can be asked, and its end.
 *
 * Forked through `node:cluster` without scheduling: all workers hold the same listening socket, and the kernel gives a connection to
 * whichever accepts it first (ADR 22). When the supervisor dies, `node:cluster` ends the workers.
 */
import type { Logger } from '@sealgate/service';
import cluster from 'node:cluster';
import { openChannel, type Answering, type Channel } from './channel.ts';
import { relayLines } from './line-relay.ts';
import type { ToSupervisor, ToWorker } from './protocol.ts';
import type { MetricSnapshot } from './summed-metrics.ts';

/** The program that becomes a worker (`run-worker.ts`). */
export interface WorkerProgram {
  /** Path of a script. */
  readonly file: string;
  readonly args: readonly string[];
}

export type WorkerState = 'starting' | 'serving' | 'draining';

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface WorkerProcess {
  /** From 1; no two are the same. */
  readonly number: number;
  readonly pid: number;
  readonly channel: Channel<ToWorker>;
  readonly ended: Promise<WorkerEnd>;
  state: WorkerState;
  /** When it began to serve, milliseconds of a clock that never goes back. */
  servingSinceMs: number;
  /** Beats that the supervisor has waited for in vain since the last one, or since the fork (`watch-workers.ts`). */
  missedBeats: number;
  /** It has said once at least that it is well. */
  hasBeaten: boolean;
  /** It was killed because it hung. */
  hung: boolean;
  /** What it had counted when it was last asked. */
  metrics: readonly MetricSnapshot[];
  /** Lets it end by itself: it has nothing left to do. */
  release(): void;
  kill(): void;
}

/** Once for a process, before the first worker: Node keeps these settings for all of them. */
export function setUpWorkers({ file, args }: WorkerProgram): void {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: file, args: [...args], silent: true, serialization: 'advanced' });
}

export function forkWorker(number: number, answering: Answering<ToSupervisor>, logger: Logger): WorkerProcess {
  const worker = cluster.fork();
  const child = worker.process;
  if (child.stdout !== null) relayLines(child.stdout, process.stdout);
  if (child.stderr !== null) relayLines(child.stderr, process.stderr);
  // Of the worker, to which `node:cluster` hands on what its process emits: with a listener at the process alone, a message that comes too late
  // for a worker that was just killed would end this process.
  worker.on('error', (error) => logger.error({ err: error, worker: number }, 'a worker cannot be reached'));
  const ended = new Promise<WorkerEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const channel = openChannel<ToWorker, ToSupervisor>(
    {
      // Whether it arrives is told by the answer, or by the end of the worker.
      send: (message) => void worker.send(message as object, () => undefined),
      onMessage: (listener) => worker.on('message', listener),
      onClosed: (listener) => {
        child.once('disconnect', listener);
        child.once('exit', listener);
      },
    },
    answering,
  );
  return {
    number,
    pid: child.pid ?? 0,
    channel,
    ended,
    state: 'starting',
    servingSinceMs: 0,
    missedBeats: 0,
    hasBeaten: false,
    hung: false,
    metrics: [],
    release() {
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
