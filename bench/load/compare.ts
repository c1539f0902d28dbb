/**
 * Servers compared under the same load, in turns: each round loads every contender once, A B C, A B C, so that whatever the
 * machine does meanwhile falls on all of them. Figure: CPU time per request of the loaded server.
 */
import type { BenchContext, Contender, Round } from '../section.ts';
import type { Running } from './process.ts';
import { type Load, runLoad } from './wrk.ts';

export interface LoadedServer {
  readonly server: Running;
  /** File of prepared requests for this server. */
  readonly requests: string;
  readonly expect?: Load['expect'];
  readonly pauseMs?: number;
  readonly connections?: number;
  /** Shown instead of the server's name. */
  readonly name?: string;
}

/** Rounds of each contender and their length, long enough that 10 ms clock ticks do not matter. */
export function schedule(context: BenchContext): { rounds: number; seconds: number; warmUpSeconds: number } {
  return context.quick ? { rounds: 2, seconds: 1, warmUpSeconds: 1 } : { rounds: 7, seconds: 4, warmUpSeconds: 4 };
}

/** Loads every server in turns and returns its CPU per request, in microseconds, with rate and latency. */
export async function compareUnderLoad(
  servers: readonly LoadedServer[],
  context: BenchContext,
): Promise<readonly Contender[]> {
  const { rounds, seconds, warmUpSeconds } = schedule(context);
  const results = servers.map(({ server, name }) => ({ name: name ?? server.name, rounds: [] as Round[] }));
  for (const server of servers) await measure(server, warmUpSeconds);
  for (let round = 0; round < rounds; round++) {
    for (const [index, server] of servers.entries()) {
      const figure = await measure(server, seconds);
      results[index]?.rounds.push(figure);
      context.progress(
        `  round ${round + 1}/${rounds} ${results[index]?.name ?? ''}: ${figure.value.toFixed(1)} µs, ${Math.round(figure.ratePerSecond ?? 0)}/s`,
      );
    }
  }
  return results;
}

async function measure(loaded: LoadedServer, seconds: number): Promise<Round> {
  const { server, requests, pauseMs, connections = 64, expect = 'accepted' } = loaded;
  const before = server.cpuMicroseconds();
  const result = await runLoad({
    requests,
    seconds,
    connections,
    expect,
    port: server.port,
    ...(pauseMs === undefined ? {} : { pauseMs }),
  });
  return {
    value: (server.cpuMicroseconds() - before) / result.requests,
    ratePerSecond: result.ratePerSecond,
    latencyMs: result.latencyMs,
  };
}
