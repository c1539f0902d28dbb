/** The script that counts in Redis, on a real server, gives the same answers as the counters in memory. */
import { createClient } from '@redis/client';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../../../../conformance/gateway/redis-server.ts';
import type { Counter } from '../../src/limits/counter.ts';
import { Calendar, Quotas } from '../../src/limits/quotas.ts';
import { SLICES, SlidingWindows } from '../../src/limits/sliding-windows.ts';
import { LIMIT_SCRIPT } from '../../src/limits/store/script.ts';
import { TokenBuckets } from '../../src/limits/token-buckets.ts';

let server: RedisServer;
let client: ReturnType<typeof createClient>;
beforeAll(async () => {
  server = await startRedis();
  client = createClient({ url: server.url });
  client.on('error', () => undefined);
  await client.connect();
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

interface Limit {
  readonly key: string;
  readonly stage: string;
  readonly shape: readonly [string, number, number, number];
}

let serial = 0;
const fresh = (name: string) => `${name}-${serial++}`;

async function take(nowMs: number | undefined, limits: readonly Limit[]): Promise<number[]> {
  const reply = await client.sendCommand([
    'EVAL',
    LIMIT_SCRIPT,
    String(limits.length),
    ...limits.map(({ key }) => key),
    nowMs === undefined ? '' : String(nowMs),
    ...limits.flatMap(({ stage, shape }) => [stage, ...shape.map(String)]),
  ]);
  return Array.isArray(reply) ? reply.map(Number) : [];
}

const PER = 1600;
const END = 1_000_000;
const small = fc.integer({ min: 1, max: 10 });
const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 40 });

const bucket = (limit: number, burst: number) => ['bucket', limit, PER, burst] as const;
const window = (limit: number) => ['window', limit, PER, SLICES] as const;
const quota = (limit: number) => ['quota', limit, END, 0] as const;

describe('the script', () => {
  it.each<[string, (limit: number, burst: number, now: () => number) => [Limit['shape'], Counter]]>([
    ['buckets', (limit, burst) => [bucket(limit, burst), new TokenBuckets({ limit, perMs: PER, burst })]],
    ['windows', (limit) => [window(limit), new SlidingWindows({ limit, perMs: PER })]],
    [
      'quotas',
      (limit, _burst, now) => [
        quota(limit),
        new Quotas(limit, new Calendar('month', () => Date.UTC(1970, 1) - END + now())),
      ],
    ],
  ])('counts as %s in memory do', async (_name, make) => {
    await fc.assert(
      fc.asyncProperty(small, small, pauses, async (limit, burst, waits) => {
        let now = 0;
        const [shape, counter] = make(limit, burst, () => now);
        const key = fresh('same');
        for (const wait of waits) {
          now += wait;
          const [stored = Number.NaN] = await take(now, [{ key, stage: '1', shape }]);
          expect(stored).toBeCloseTo(counter.take('k', now), 4);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('takes a stage whole or not at all, and keeps the stages before it', async () => {
    const [ip, route, sub] = [fresh('ip'), fresh('route'), fresh('sub')];
    const limits: Limit[] = [
      { key: ip, stage: '1', shape: bucket(9, 9) },
      { key: route, stage: '1', shape: window(9) },
      { key: sub, stage: '2', shape: quota(1) },
    ];
    expect(await take(0, limits)).toEqual([8, 8, 0]);
    expect(await take(0, limits)).toEqual([7, 7, -END]);
    const [closed] = [{ key: fresh('closed'), stage: '1', shape: quota(0) } as const];
    expect(await take(0, [limits[0]!, closed])).toEqual([6, -END]);
    expect(await take(0, limits.slice(0, 2))).toEqual([6, 6]);
  });

  it('goes by the server’s clock, and leaves nothing behind that has run out', async () => {
    const key = fresh('clock');
    const limits: Limit[] = [{ key, stage: '1', shape: ['bucket', 1, 60_000, 1] }];
    expect(await take(undefined, limits)).toEqual([0]);
    const [refused = 0] = await take(undefined, limits);
    expect(refused).toBeLessThan(-59_000);
    const ttl = await client.pTTL(key);
    expect(ttl).toBeGreaterThan(59_000);
    expect(ttl).toBeLessThanOrEqual(61_000);
  });

  it('loses nothing when the clock steps back', async () => {
    const limits = (name: string): Limit[] => [
      { key: `${name}-b`, stage: '1', shape: bucket(2, 2) },
      { key: `${name}-w`, stage: '1', shape: window(2) },
    ];
    const name = fresh('back');
    expect(await take(50_000, limits(name))).toEqual([1, 1]);
    expect(await take(40_000, limits(name))).toEqual([0, 0]);
    expect((await take(40_000, limits(name)))[0]).toBeLessThan(0);
  });
});
