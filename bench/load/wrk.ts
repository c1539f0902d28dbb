/**
 * Load by `wrk`: a closed loop over N kept connections that sends prepared requests in turn. It is cheap enough to saturate a C
 * proxy from one core, which no client written in JavaScript is.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type LoadResult, type Loaded, runGenerator } from './generator.ts';

export interface Load extends Loaded {
  /** File written by {@link writeRequests}; or tokens that each request spends and each answer replaces. */
  readonly requests: string | Rotation;
  /** After how many of the file's requests to begin; anywhere when absent. */
  readonly from?: number;
  readonly seconds: number;
  readonly connections: number;
}

/** Files for `rotate.lua`, which says what is in them. */
export interface Rotation {
  readonly tokens: string;
  readonly template: string;
}

/** Writes whole HTTP/1.1 requests, as they go on the wire, for `wrk.lua` and `constant-rate.c`. */
export function writeRequests(file: string, requests: readonly string[]): string {
  writeFileSync(file, requests.map((request) => `${Buffer.byteLength(request)}\n${request}`).join(''));
  return file;
}

/** Runs one load to its end. @throws {Error} as {@link runGenerator}. */
export function runLoad({ port, requests, from, seconds, connections, expect }: Load): Promise<LoadResult> {
  const [script, files] =
    typeof requests === 'string' ? ['wrk.lua', [requests]] : ['rotate.lua', [requests.tokens, requests.template]];
  const how = [
    `-t 1 -c ${connections} -d ${seconds}s --timeout 10s`,
    `-s ${path.join(import.meta.dirname, script)} http://127.0.0.1:${port} --`,
  ];
  const after = from === undefined ? [] : [String(from)];
  return runGenerator('wrk', [...how.join(' ').split(' '), ...files, ...after], { port, expect });
}
