/**
 * Fifty users who log in at once, each again and again, with argon2id at its default cost: how many get in, and how long everybody else
 * waits for the event loop meanwhile. The delay is the issuer's own measurement (`/metrics`), which begins anew with each reading.
 */
import path from 'node:path';
import { request } from 'undici';
import type { Running } from '../load/process.ts';
import type { BenchContext, Comparison, Round } from '../section.ts';
import { SEALGATE, logIn, serveIssuer } from './servers.ts';

/** `monitorEventLoopDelay` tells the time between samples; this much of it is no delay. */
const SAMPLED_EVERY_MS = 10;
const USERS = Array.from({ length: 50 }, (_, index) => ({
  username: `user-${index}@bench.test`,
  password: 'correct horse battery staple',
}));

export async function logins(context: BenchContext): Promise<Comparison[]> {
  const running = await serveIssuer({
    name: SEALGATE,
    folder: path.join(context.scratch, 'logins'),
    database: 'sqlite:issuer.db',
    users: USERS.map(({ username, password }) => `{ username: ${username}, password: ${password} }`),
  });
  try {
    const seconds = context.quick ? 2 : 5;
    await everybody(running, 1);
    const cost: Round[] = [];
    const delay: Round[] = [];
    for (let round = 0; round < (context.quick ? 2 : 5); round++) {
      await readDelayMs(running);
      const figure = await everybody(running, seconds);
      const delayMs = await readDelayMs(running);
      cost.push(figure);
      delay.push({ value: delayMs });
      context.progress(
        `  round ${round + 1}: ${Math.round(figure.ratePerSecond ?? 0)} logins/s, event loop p99 ${delayMs.toFixed(1)} ms`,
      );
    }
    return [
      {
        title: 'Fifty users log in at once, argon2id at its default cost',
        unit: 'µs CPU per login',
        contenders: [{ name: SEALGATE, rounds: cost }],
        peer: SEALGATE,
        targets: [],
        notes: ['argon2id, 19 MiB, 2 iterations (OWASP), on the same core as everything else of the process.'],
      },
      {
        title: 'Event loop while fifty users log in',
        unit: 'ms, p99 of the delay',
        contenders: [{ name: SEALGATE, rounds: delay }],
        peer: SEALGATE,
        targets: [{ contender: SEALGATE, bound: 'at most', limit: 20 }],
        notes: ['How much later than due a timer of 10 ms fires in the process, as it measures itself.'],
      },
    ];
  } finally {
    await running.stop();
  }
}

/** All users log in, each anew when done, for so many seconds. */
async function everybody(running: Running, seconds: number): Promise<Round> {
  const latencies: number[] = [];
  const before = running.cpuMicroseconds();
  const started = performance.now();
  const until = started + seconds * 1000;
  await Promise.all(
    USERS.map(async (user) => {
      do {
        const asked = performance.now();
        await logIn(running.port, user);
        latencies.push(performance.now() - asked);
      } while (performance.now() < until);
    }),
  );
  const used = running.cpuMicroseconds() - before;
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return {
    value: used / latencies.length,
    ratePerSecond: latencies.length / ((performance.now() - started) / 1000),
    latencyMs: { p50: at(0.5), p99: at(0.99) },
  };
}

async function readDelayMs(running: Running): Promise<number> {
  const answer = await request(`http://127.0.0.1:${running.port}/metrics`);
  const [, seconds] = /^nodejs_eventloop_lag_p99_seconds (\S+)$/mu.exec(await answer.body.text()) ?? [];
  if (seconds === undefined) throw new Error('the issuer does not measure its event loop');
  return Math.max(0, Number(seconds) * 1000 - SAMPLED_EVERY_MS);
}
