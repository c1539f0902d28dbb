/**
 * Load by `wrk`: a closed loop over N kept connections that sends prepared requests in turn. It is cheap enough to saturate a C
 * proxy from one core, which no client written in JavaScript is.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LOAD_CORE } from './process.ts';

export interface Load {
  /** File written by {@link writeRequests}; or tokens that each request spends and each answer replaces. */
  readonly requests: string | Rotation;
  readonly port: number;
  readonly seconds: number;
  readonly connections: number;
  /** Mean pause of each connection before a request, for load below saturation. */
  readonly pauseMs?: number;
  /** Whether every answer must be below 400, or every answer 400 and above. */
  readonly expect: 'accepted' | 'refused';
}

/** Files for `rotate.lua`, which says what is in them. */
export interface Rotation {
  readonly tokens: string;
  readonly template: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly ratePerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

/** Writes whole HTTP/1.1 requests, as they go on the wire, for `wrk.lua`. */
export function writeRequests(file: string, requests: readonly string[]): string {
  writeFileSync(file, requests.map((request) => `${Buffer.byteLength(request)}\n${request}`).join(''));
  return file;
}

/**
 * Runs one load to its end.
 *
 * @throws {Error} when an answer was not as expected, or a connection broke: a figure of failures is no figure.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const { port, requests, pauseMs } = load;
  const [script, files] =
    typeof requests === 'string' ? ['wrk.lua', [requests]] : ['rotate.lua', [requests.tokens, requests.template]];
  const how = [
    `-t 1 -c ${load.connections} -d ${load.seconds}s --timeout 10s`,
    `-s ${path.join(import.meta.dirname, script)} http://127.0.0.1:${port} --`,
  ];
  const pause = pauseMs === undefined ? [] : [String(pauseMs)];
  const printed = await output('taskset', [
    '-c',
    String(LOAD_CORE),
    'wrk',
    ...how.join(' ').split(' '),
    ...files,
    ...pause,
  ]);
  const line = printed.split('\n').find((text) => text.startsWith('RESULT '));
  if (line === undefined) throw new Error(`wrk gave no result:\n${printed}`);
  const result: Printed = JSON.parse(line.slice('RESULT '.length));
  if (result.broken > 0) throw new Error(`${result.broken} of ${result.requests} requests broke on port ${port}`);
  const unexpected = load.expect === 'accepted' ? result.refused : result.requests - result.refused;
  if (unexpected > 0 || result.requests === 0) {
    throw new Error(`${unexpected} of ${result.requests} answers on port ${port} were not ${load.expect}`);
  }
  return {
    requests: result.requests,
    ratePerSecond: result.requests / (result.durationMicroseconds / 1e6),
    latencyMs: { p50: result.p50 / 1000, p99: result.p99 / 1000 },
  };
}

/** What both scripts print at the end; latencies in microseconds. */
type Printed = Record<'requests' | 'durationMicroseconds' | 'p50' | 'p99' | 'refused' | 'broken', number>;

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}:\n${text}`)),
    );
  });
}
