/** What the programs that make load have in common: each runs on the core of the load and ends with one line of figures. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LOAD_CORE } from './process.ts';

export interface Loaded {
  readonly port: number;
  /** Whether every answer must be below 400, or every answer 400 and above. */
  readonly expect: 'accepted' | 'refused';
}

export interface LoadResult {
  readonly requests: number;
  readonly ratePerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

/** The line, after `RESULT `; latencies in microseconds. */
type Printed = Record<'requests' | 'durationMicroseconds' | 'p50' | 'p99' | 'refused' | 'broken', number>;

/**
 * Runs one to its end.
 *
 * @throws {Error} when an answer was not as expected, or a connection broke: a figure of failures is no figure. That there was no answer at all is
 * for the caller to judge: a program that has just started may not have one in a second.
 */
export async function runGenerator(
  command: string,
  args: readonly string[],
  { port, expect }: Loaded,
): Promise<LoadResult> {
  const { stdout } = await promisify(execFile)('taskset', ['-c', String(LOAD_CORE), command, ...args]);
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
  if (line === undefined) throw new Error(`${command} gave no result:\n${stdout}`);
  const result: Printed = JSON.parse(line.slice('RESULT '.length));
  if (result.broken > 0) throw new Error(`${result.broken} of ${result.requests} requests broke on port ${port}`);
  const unexpected = expect === 'accepted' ? result.refused : result.requests - result.refused;
  if (unexpected > 0) {
    throw new Error(`${unexpected} of ${result.requests} answers on port ${port} were not ${expect}`);
  }
  return {
    requests: result.requests,
    ratePerSecond: result.requests / (result.durationMicroseconds / 1e6),
    latencyMs: { p50: result.p50 / 1000, p99: result.p99 / 1000 },
  };
}
