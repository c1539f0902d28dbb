/** A bound on how many pieces of work run at once, first come first served, with a way to stop waiting. */

export interface Permits {
  /** A permit. @throws the signal's reason if it aborts first. */
  acquire(signal: AbortSignal): Promise<void>;
  release(): void;
}

export function createPermits(count: number): Permits {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    async acquire(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return;
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = (): void => {
        const place = waiting.indexOf(resolve);
        // Not in the queue any more: the permit has been handed over, and the caller has it.
        if (place === -1) return;
        waiting.splice(place, 1);
        reject(signal.reason);
      };
      waiting.push(resolve);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        await promise;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
    release() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
