/**
 * Servers compared under the same load, in turns: each round loads every contender once, A B C, A B C, so that whatever the
 * machine does meanwhile falls on all of them. Figure: CPU time per request of the loaded server.
 */
import type { BenchContext, Contender, Round } from '../section.ts';
import { type Running, readMeasuredCore } from './process.ts';
import { type Load, runLoad } from './wrk.ts';

export interface LoadedServer {
  readonly server: Running;
  /** What this server is asked. */
  readonly requests: Load['requests'];
  readonly expect?: Load['expect'];
  readonly pauseMs?: number;
  readonly connections?: number;
  /** Shown instead of the server's name. */
  readonly name?: string;
}

interface Schedule {
  readonly rounds: number;
  /** Of one round; long enough that clock ticks of 10 ms do not matter. */
  readonly seconds: number;
  /** Before the first round: by then compilers have compiled what is hot (V8 takes its time even then) and caches are filled. */
  readonly warmUpRequests: number;
  readonly leastWarmUpSeconds: number;
  /** Who needs longer for that is measured as it is. */
  readonly mostWarmUpSeconds: number;
}

function scheduleOf({ quick }: BenchContext): Schedule {
  return quick
    ? { rounds: 2, seconds: 1, warmUpRequests: 4000, leastWarmUpSeconds: 1, mostWarmUpSeconds: 4 }
    : { rounds: 5, seconds: 3, warmUpRequests: 30_000, leastWarmUpSeconds: 5, mostWarmUpSeconds: 25 };
}

/** Loads every server in turns and returns its CPU per request, in microseconds, with rate and latency. */
export async function compareUnderLoad(
  servers: readonly LoadedServer[],
  context: BenchContext,
): Promise<readonly Contender[]> {
  const { rounds, seconds, warmUpRequests, leastWarmUpSeconds, mostWarmUpSeconds } = scheduleOf(context);
  const results = servers.map(({ server, name }) => ({ name: name ?? server.name, rounds: [] as Round[] }));
  for (const server of servers) {
    let requests = 0;
    for (let second = 0; second < mostWarmUpSeconds; second++) {
      if (second >= leastWarmUpSeconds && requests >= warmUpRequests) break;
      requests += (await measure(server, 1)).ratePerSecond ?? 0;
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [index, server] of servers.entries()) {
      const figure = await measure(server, seconds);
      results[index]?.rounds.push(figure);
      const { value, ratePerSecond = 0, disturbance = 0 } = figure;
      context.progress(
        `  round ${round + 1}/${rounds} ${results[index]?.name ?? ''}: ${value.toFixed(1)} µs, ` +
          `${Math.round(ratePerSecond)}/s, ${Math.round(disturbance * 100)} % of the core taken by others`,
      );
    }
  }
  return results;
}

async function measure(loaded: LoadedServer, seconds: number): Promise<Round> {
  const { server, requests, pauseMs, connections = 64, expect = 'accepted' } = loaded;
  const before = server.cpuMicroseconds();
  const core = readMeasuredCore();
  const result = await runLoad({
    requests,
    seconds,
    connections,
    expect,
    port: server.port,
    ...(pauseMs === undefined ? {} : { pauseMs }),
  });
  const used = server.cpuMicroseconds() - before;
  const { busyMicroseconds, totalMicroseconds } = readMeasuredCore();
  const foreign = busyMicroseconds - core.busyMicroseconds - used;
  return {
    value: used / result.requests,
    disturbance: Math.max(0, foreign / (totalMicroseconds - core.totalMicroseconds)),
    ratePerSecond: result.ratePerSecond,
    latencyMs: result.latencyMs,
    residentBytes: server.residentBytes(),
  };
}
