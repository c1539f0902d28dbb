/**
 * Load at a fixed rate, whatever the answers do (`constant-rate.c`): latencies count from when a request was due. It is for load below
 * saturation, which wrk cannot hold.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type LoadResult, type Loaded, runGenerator } from './generator.ts';

export interface ConstantRate extends Loaded {
  /** What {@link compileConstantRate} made. */
  readonly program: string;
  /** File written by `writeRequests`. */
  readonly requests: string;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly connections: number;
}

/** Compiles it into a folder. @returns the program's path. @throws {Error} with what the compiler says. */
export function compileConstantRate(folder: string): string {
  const program = path.join(folder, 'constant-rate');
  execFileSync('cc', ['-O2', '-o', program, path.join(import.meta.dirname, 'constant-rate.c')]);
  return program;
}

/** Runs one load to its end. @throws {Error} as {@link runGenerator}: also when answers are still missing seconds after the last request. */
export function runConstantRate(load: ConstantRate): Promise<LoadResult> {
  const { program, port, ratePerSecond, seconds, connections, requests } = load;
  return runGenerator(program, [...[port, ratePerSecond, seconds, connections].map(String), requests], load);
}
