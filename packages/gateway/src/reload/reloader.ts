/**
 * Reads the configuration again when asked to: by SIGHUP, or because its file changed. One at a time; a file that cannot be loaded leaves
 * the running configuration as it is and says why.
 *
 * The folder is watched rather than the file: editors and orchestrators replace files by renaming.
 */
import type { Logger } from '@sealgate/service';
import { createHash } from 'node:crypto';
import { readFileSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import type { ReloadResult } from '../gateway.ts';

/** `Loaded` is what is read: a configuration, or a configuration with its text for workers. */
export interface ReloaderOptions<Loaded> {
  /** Takes it over: a gateway, or the supervisor of several workers. */
  readonly gateway: { reload(loaded: Loaded): Promise<ReloadResult> };
  /** The configuration file. */
  readonly file: string;
  /** Reads it. Throws what is wrong with it. */
  readonly load: () => Loaded | Promise<Loaded>;
  readonly logger: Logger;
  /** Where SIGHUP comes from. Default `process`. */
  readonly signals?: {
    on(signal: 'SIGHUP', listener: () => void): unknown;
    off(signal: 'SIGHUP', listener: () => void): unknown;
  };
  /** Time in which several changes count as one, milliseconds. Default 200. */
  readonly settleMs?: number;
  /** Told after each attempt. */
  readonly onAttempt?: (result: ReloadResult | { readonly error: unknown }) => void;
}

export interface Reloader {
  /** Reads the file now. @throws what is wrong with it. */
  reload(): Promise<ReloadResult>;
  close(): void;
}

export function createReloader<Loaded>(options: ReloaderOptions<Loaded>): Reloader {
  const { gateway, file, load, logger, signals = process, settleMs = 200 } = options;
  let last: Promise<unknown> = Promise.resolve();
  let content = contentOf(file);
  let timer: NodeJS.Timeout | undefined;

  const reload = (): Promise<ReloadResult> => {
    const attempt = last.then(async () => {
      content = contentOf(file);
      return gateway.reload(await load());
    });
    last = attempt.catch(() => undefined);
    return attempt;
  };
  const attempt = (why: string): void => {
    reload().then(
      (result) => options.onAttempt?.(result),
      (error: unknown) => {
        logger.error({ err: error, why, file }, 'the configuration was not reloaded; the old one stays');
        options.onAttempt?.({ error });
      },
    );
  };
  const onSignal = (): void => attempt('SIGHUP');
  signals.on('SIGHUP', onSignal);
  const watcher = watchFolder(path.dirname(file), () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (contentOf(file) !== content) attempt('the file changed');
    }, settleMs);
    timer.unref();
  });
  watcher.on('error', (error) =>
    logger.warn({ err: error, file }, 'the configuration file cannot be watched; use SIGHUP'),
  );

  return {
    reload,
    close() {
      clearTimeout(timer);
      watcher.close();
      signals.off('SIGHUP', onSignal);
    },
  };
}

function watchFolder(folder: string, onChange: () => void): FSWatcher {
  return watch(folder, { persistent: false }, onChange);
}

/** Says whether two readings of the file were the same; '' while it is not there. */
function contentOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('base64');
  } catch {
    return '';
  }
}
