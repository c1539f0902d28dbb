/** How a process knows that it was forked to be a worker (`worker.ts`). */

/** What the supervisor calls a worker with, before the configuration file: `ps` shows both. */
export const WORKER_WORD = 'worker';

/** Said by a user, who has no channel to offer, the word is no command. */
export const isWorker = ([word]: readonly string[]): boolean => word === WORKER_WORD && process.send !== undefined;
