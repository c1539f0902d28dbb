/**
 * Servers compared under the same load, in turns: each round loads every contender once, A B C, A B C, so that whatever the
 * machine does meanwhile falls on all of them. Figure: CPU time per request of the loaded server.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext, Contender, Round } from '../section.ts';
import type { LoadResult } from './generator.ts';
import { type Running, readMeasuredCore } from './process.ts';
import { type Load, runLoad } from './wrk.ts';

export interface LoadedServer {
  readonly server: Running;
  /** What this server is asked. */
  readonly requests: Load['requests'];
  /** Whether each run begins where the one before ended, so that a request comes again only after all the others. */
  readonly inOrder?: boolean;
  readonly expect?: Load['expect'];
  readonly connections?: number;
  /** Shown instead of the server's name. */
  readonly name?: string;
  /** Where it differs from the others': a slow one may take part in the first rounds only, or need longer to warm up. */
  readonly schedule?: Partial<Schedule>;
}

export interface Schedule {
  readonly rounds: number;
  /** Of one round; long enough that clock ticks of 10 ms do not matter. */
  readonly seconds: number;
  /** Before the first round: by then compilers have compiled what is hot (V8 takes its time even then) and caches are filled. */
  readonly warmUpRequests: number;
  readonly leastWarmUpSeconds: number;
  /** Who needs longer for that is measured as it is. */
  readonly mostWarmUpSeconds: number;
}

const QUICK: Schedule = { rounds: 2, seconds: 1, warmUpRequests: 4000, leastWarmUpSeconds: 1, mostWarmUpSeconds: 4 };
const USUAL: Schedule = {
  rounds: 5,
  seconds: 3,
  warmUpRequests: 30_000,
  leastWarmUpSeconds: 5,
  mostWarmUpSeconds: 25,
};

/** Requests that a run left behind are worked off before the next server's turn; at most so long. */
const SETTLE_MS = 3000;
const SETTLE_STEP_MS = 50;

/** Loads every server in turns and returns its CPU per request, in microseconds, with rate and latency. */
export async function compareUnderLoad(
  servers: readonly LoadedServer[],
  context: BenchContext,
): Promise<readonly Contender[]> {
  const contenders = servers.map((loaded) => ({
    loaded,
    name: loaded.name ?? loaded.server.name,
    schedule: context.quick ? QUICK : { ...USUAL, ...loaded.schedule },
    rounds: [] as Round[],
    sent: 0,
    warmUpRequests: 0,
  }));
  const measure = async (contender: (typeof contenders)[number], seconds: number): Promise<Round> => {
    const { server, requests, inOrder = false, connections = 64, expect = 'accepted' } = contender.loaded;
    const from = inOrder ? { from: contender.sent } : {};
    const { round, result } = await underLoad(server, () =>
      runLoad({ requests, seconds, connections, expect, port: server.port, ...from }),
    );
    await settle(server);
    // Those that were under way at the end are not counted, but were seen.
    contender.sent += result.requests + connections;
    return round;
  };
  for (const contender of contenders) {
    const { warmUpRequests, leastWarmUpSeconds, mostWarmUpSeconds } = contender.schedule;
    for (let second = 0; second < mostWarmUpSeconds; second++) {
      if (second >= leastWarmUpSeconds && contender.sent >= warmUpRequests) break;
      await measure(contender, 1);
    }
    contender.warmUpRequests = contender.sent;
  }
  const total = Math.max(...contenders.map(({ schedule }) => schedule.rounds));
  for (let round = 0; round < total; round++) {
    for (const contender of contenders) {
      const { name, schedule, rounds } = contender;
      if (round >= schedule.rounds) continue;
      const figure = await measure(contender, schedule.seconds);
      if (!Number.isFinite(figure.value)) throw new Error(`${name} answered nothing in ${schedule.seconds} s`);
      rounds.push(figure);
      context.progress(`  round ${round + 1}/${schedule.rounds} ${name}: ${describeRound(figure)}`);
    }
  }
  return contenders.map(({ name, warmUpRequests, rounds }) => ({ name, warmUpRequests, rounds }));
}

/** Loads a server once and reads what that cost it, in microseconds of CPU per request. */
export async function underLoad(
  server: Running,
  load: () => Promise<LoadResult>,
): Promise<{ readonly round: Round; readonly result: LoadResult }> {
  const before = server.cpuMicroseconds();
  const core = readMeasuredCore();
  const result = await load();
  const used = server.cpuMicroseconds() - before;
  const { busyMicroseconds, totalMicroseconds } = readMeasuredCore();
  const foreign = busyMicroseconds - core.busyMicroseconds - used;
  const round = {
    value: used / result.requests,
    disturbance: Math.max(0, foreign / (totalMicroseconds - core.totalMicroseconds)),
    ratePerSecond: result.ratePerSecond,
    latencyMs: result.latencyMs,
    residentBytes: server.residentBytes(),
  };
  return { round, result };
}

/** Waits until a server does next to nothing: at most a clock tick, of 10 ms, in a step. */
async function settle(server: Running): Promise<void> {
  for (let waited = 0; waited < SETTLE_MS; waited += SETTLE_STEP_MS) {
    const before = server.cpuMicroseconds();
    await delay(SETTLE_STEP_MS);
    if (server.cpuMicroseconds() - before <= 10_000) return;
  }
}

function describeRound({ value, ratePerSecond = 0, disturbance = 0 }: Round): string {
  const others = `${Math.round(disturbance * 100)} % of the core taken by others`;
  return `${value.toFixed(1)} µs, ${Math.round(ratePerSecond)}/s, ${others}`;
}
