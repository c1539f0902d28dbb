/**
 * A worker of `sealgate serve`: the process that the supervisor forks to share the gateway's ports. Nobody starts one by hand: without the
 * channel to a supervisor, "sealgate worker" is no command.
 *
 * Signals that reach the whole group, as Ctrl-C does, are the supervisor's business. SIGTERM to a worker alone asks for another in its place.
 */
import { runWorker } from '@sealgate/gateway';
import { createLogger, createMetrics } from '@sealgate/service';
import { parseConfig } from '../config/load-config.ts';
import { EXIT } from '../exit-code.ts';
import { gatewaySection } from './gateway-section.ts';

/** @param file - Of the configuration; its text comes from the supervisor, and what it names is relative to its folder. */
export function becomeWorker(file: string): void {
  const worker = runWorker({
    line: {
      send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
      onMessage: (listener) => process.on('message', listener),
      onClosed: (listener) => process.once('disconnect', listener),
    },
    parse: (text) => gatewaySection(parseConfig(text, file), file),
    createLogger(number, text) {
      const logger = createLogger({ level: parseConfig(text, file).log.level, to: 'stderr', base: { worker: number } });
      process.on('uncaughtException', (fault) => {
        logger.fatal({ err: fault }, 'a fault in the program');
        process.exit(EXIT.no);
      });
      return logger.child({ server: 'gateway' });
    },
    metrics: createMetrics({ process: true }),
  });
  process.on('SIGTERM', () => worker.leave());
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
