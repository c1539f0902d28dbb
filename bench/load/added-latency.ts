/**
 * The latency that servers in front of an origin add at one fixed rate: in each round the origin alone, then every server, in turns.
 * Figure: the median in milliseconds, less the origin's of the same round; at the 99th percentile likewise.
 */
import type { BenchContext, Contender, Round } from '../section.ts';
import { underLoad } from './compare.ts';
import { compileConstantRate, runConstantRate } from './constant-rate.ts';
import type { Running } from './process.ts';

export interface AtRate {
  readonly origin: Running;
  readonly servers: readonly Running[];
  /** File written by `writeRequests`. */
  readonly requests: string;
  readonly ratePerSecond: number;
}

const WARM_UP_SECONDS = 1;
const CONNECTIONS = 64;

export async function compareAddedLatency(setting: AtRate, context: BenchContext): Promise<readonly Contender[]> {
  const { origin, servers, requests, ratePerSecond } = setting;
  const [total, seconds] = context.quick ? [2, 1] : [5, 2];
  const program = compileConstantRate(context.scratch);
  const measure = async (server: Running, duration: number): Promise<Round> => {
    const load = { program, requests, ratePerSecond, seconds: duration, connections: CONNECTIONS, port: server.port };
    return (await underLoad(server, () => runConstantRate({ ...load, expect: 'accepted' }))).round;
  };
  for (const server of [origin, ...servers]) await measure(server, WARM_UP_SECONDS);
  const contenders = [origin, ...servers].map((server) => ({ server, rounds: [] as Round[] }));
  for (let round = 0; round < total; round++) {
    let alone = { p50: 0, p99: 0 };
    for (const { server, rounds } of contenders) {
      const figure = await measure(server, seconds);
      const { p50, p99 } = figure.latencyMs ?? alone;
      if (server === origin) alone = { p50, p99 };
      rounds.push({ ...figure, value: p50 - alone.p50, addedP99Ms: p99 - alone.p99 });
      context.progress(
        `  round ${round + 1}/${total} ${server.name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms at ${ratePerSecond}/s`,
      );
    }
  }
  return contenders.map(({ server, rounds }) => ({ name: server.name, rounds }));
}
