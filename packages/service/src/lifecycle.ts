/**
 * Start and end of a server process: parts are closed in the reverse order of their start, once, within a deadline. SIGTERM and SIGINT
 * begin it; a later signal ends the process at once. One Ctrl-C can arrive twice (from the terminal, and passed on by npm), so
 * signals within a second of the first are the same one.
 */
import type { Logger } from './log/logger.ts';

export interface LifecycleOptions {
  readonly logger: Logger;
  /** Longest time for all parts together to close, in milliseconds. Default 10 seconds. */
  readonly deadlineMs?: number;
  /** Ends the process. Default `process.exit`. */
  readonly exit?: (code: number) => void;
  /** Where signals come from. Default `process`. */
  readonly signals?: SignalSource;
  /** A clock that only runs forward, in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

const SAME_SIGNAL_MS = 1000;

interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

export interface Lifecycle {
  /** Registers what has started; `close` is called once, after everything registered later has closed. */
  onClose(name: string, close: () => void | Promise<void>): void;
  /** Closes everything. Safe to call again: the same promise. True if every part closed cleanly and in time. */
  close(reason: string): Promise<boolean>;
  /** Closes on SIGTERM or SIGINT and exits: 0 after a clean end, 1 otherwise; a signal more than a second later exits with 130. */
  exitOnSignals(): void;
  readonly closing: boolean;
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { logger, deadlineMs = 10_000, exit = (code) => process.exit(code), signals = process } = options;
  const { now = () => performance.now() } = options;
  let firstSignalMs: number | undefined;
  const parts: { name: string; close: () => void | Promise<void> }[] = [];
  let closed: Promise<boolean> | undefined;
  let exited = false;

  async function closeAll(): Promise<boolean> {
    let clean = true;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await part.close();
      } catch (err) {
        clean = false;
        logger.error({ err, part: part.name }, 'a part did not close cleanly');
      }
    }
    return clean;
  }

  async function closeAndExit(signal: string): Promise<void> {
    const clean = await lifecycle.close(signal);
    if (exited) return;
    exited = true;
    logger.flush();
    exit(clean ? 0 : 1);
  }

  const lifecycle: Lifecycle = {
    onClose(name, close) {
      parts.push({ name, close });
    },
    close(reason) {
      closed ??= (async () => {
        logger.info({ reason }, 'closing');
        const deadline = Promise.withResolvers<boolean>();
        const timer = setTimeout(() => {
          logger.error({ deadline_ms: deadlineMs }, 'closing took too long');
          deadline.resolve(false);
        }, deadlineMs);
        const clean = await Promise.race([closeAll(), deadline.promise]);
        clearTimeout(timer);
        logger.info({ clean }, 'closed');
        return clean;
      })();
      return closed;
    },
    exitOnSignals() {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        signals.on(signal, () => {
          firstSignalMs ??= now();
          if (now() - firstSignalMs > SAME_SIGNAL_MS) exit(130);
          else void closeAndExit(signal);
        });
      }
    },
    get closing() {
      return closed !== undefined;
    },
  };
  return lifecycle;
}
