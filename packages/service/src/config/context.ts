/**
 * What a configuration value may depend on besides its text: the folder that relative paths start from, and the environment.
 *
 * The loader sets it for the (synchronous) time of one parse; a schema used without the loader sees the working directory.
 * This folder is the one place that reads `process.env`.
 */
import path from 'node:path';

export interface ConfigContext {
  /** Folder that relative paths in the file start from: the file's own. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

let current: ConfigContext | undefined;

/** Runs `parse` with `context` in force. Synchronous: the context never outlives the call. */
export function withConfigContext<T>(context: ConfigContext, parse: () => T): T {
  const outer = current;
  current = context;
  try {
    return parse();
  } finally {
    current = outer;
  }
}

/** The context in force, or the process's own. */
export function configContext(): ConfigContext {
  return current ?? { folder: process.cwd(), environment: process.env };
}

/** An absolute path: as given, or from the folder of the file that is being parsed. */
export function resolveConfigPath(relativeOrAbsolute: string): string {
  return path.resolve(configContext().folder, relativeOrAbsolute);
}
