/** Allowances that several workers divide (ADR 22): never exceeded together, and there whole for whoever speaks to one of them alone. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DividedPlaces } from '../../src/limits/places.ts';
import { compileLimits } from '../../src/limits/route-limits.ts';
import { Reserves } from '../../src/limits/reserves.ts';
import type { Fleet } from '../../src/workers/fleet.ts';
import { SharedCounts } from '../../src/workers/shared-counts.ts';
import { BucketModel, LogModel } from '../limits/models.ts';

const PER_MS = 16_000;

/** Workers that ask the same counts, without processes between. */
function fleetOf(size: number, nowMs: () => number) {
  const counts = new SharedCounts({ maxProofs: 8, monotonicMs: nowMs, wallMs: nowMs });
  return Array.from({ length: size }, () => {
    const reserves = new Reserves();
    const { answering, release } = counts.open({
      lendRequest: async (key) => reserves.lendRequest(key, nowMs()),
      returnRequest: (key) => reserves.returnRequest(key),
      lendPlace: async (place) => reserves.lendPlace(place),
      returnPlace: (place) => reserves.returnPlace(place),
    });
    const fleet: Fleet = {
      size,
      proofs: { take: () => 'full', timesTaken: () => 0 },
      limits: { available: true, take: async (takes) => answering.takeLimits(takes), close: () => undefined },
      places: {
        enter: async (place) => answering.enterPlace(place),
        leave: (place) => void answering.leavePlace(place),
      },
      reserves,
    };
    return { fleet, release };
  });
}

type Algorithm = 'token-bucket' | 'sliding-window';

function limitedBy(limit: number, algorithm: Algorithm, size: number, nowMs: () => number) {
  return fleetOf(size, nowMs).map(({ fleet }) => {
    const config = { by: 'ip' as const, limit, per: PER_MS, algorithm, ipv6Prefix: 64 };
    const settings = { rateLimits: [config], quotas: [] };
    const { shared } = compileLimits(settings, { route: 'r', store: undefined, fleet, wallMs: nowMs });
    return async (): Promise<boolean> => {
      const state = await shared?.take('192.0.2.1', undefined, true, nowMs());
      return state !== undefined && state.left >= 0;
    };
  });
}

const asked = fc.record({
  size: fc.integer({ min: 2, max: 5 }),
  limit: fc.integer({ min: 1, max: 120 }),
  steps: fc.array(fc.record({ worker: fc.nat(4), times: fc.nat(30), waitMs: fc.nat(6000) }), { maxLength: 40 }),
});

describe('an allowance that workers divide', () => {
  it('is a sliding window over all of them', async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ({ size, limit, steps }) => {
        let now = 0;
        const log = new LogModel();
        const workers = limitedBy(limit, 'sliding-window', size, () => now);
        for (const { worker, times, waitMs } of steps) {
          now += waitMs;
          for (let time = 0; time < times; time++) if (await workers[worker % size]?.()) log.admit(now);
          expect(log.countSince(now - PER_MS)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('is a token bucket over all of them', async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ({ size, limit, steps }) => {
        let now = 0;
        // Scaled, since the parts of a bucket are fractions: a hundredth of a request more is no request.
        const model = new BucketModel(limit * 100, PER_MS * 100, limit);
        const workers = limitedBy(limit, 'token-bucket', size, () => now);
        for (const { worker, times, waitMs } of steps) {
          now += waitMs;
          for (let time = 0; time < times; time++) {
            if (await workers[worker % size]?.()) expect(model.take(now)).toBe(0);
          }
        }
      }),
    );
  });

  it.each<Algorithm>(['token-bucket', 'sliding-window'])('is there whole for one worker (%s)', async (algorithm) => {
    for (const limit of [1, 5, 16, 100, 1000]) {
      const [first] = limitedBy(limit, algorithm, 4, () => 0);
      let admitted = 0;
      for (let asked = 0; asked <= limit; asked++) if ((await first?.()) === true) admitted++;
      expect(admitted).toBe(limit);
    }
  });
});

describe('places that workers divide', () => {
  it('are there whole for one worker', async () => {
    const [one, other] = fleetOf(2, () => 0).map(({ fleet }) => new DividedPlaces('x', 60, fleet));
    for (let round = 0; round < 3; round++) {
      for (let place = 0; place < 60; place++) expect(await one?.enter('holder')).toBe(true);
      expect([await one?.enter('holder'), await other?.enter('holder')]).toEqual([false, false]);
      for (let place = 0; place < 60; place++) one?.leave('holder');
    }
    for (let place = 0; place < 60; place++) expect(await other?.enter('holder')).toBe(true);
    expect(await one?.enter('holder')).toBe(false);
  });

  it('are never more than there are, and come back from a worker that is gone', async () => {
    const step = fc.record({ worker: fc.nat(2), act: fc.constantFrom('enter', 'leave', 'die') });
    const script = fc.record({ limit: fc.integer({ min: 1, max: 60 }), steps: fc.array(step, { maxLength: 200 }) });
    await fc.assert(
      fc.asyncProperty(script, async ({ limit, steps }) => {
        const joined = fleetOf(3, () => 0);
        const join = (fleet: Fleet) => ({ places: new DividedPlaces('x', limit, fleet), inside: 0 });
        const workers = joined.map(({ fleet }) => join(fleet));
        for (const { worker, act } of steps) {
          const at = workers[worker]!;
          if (act === 'enter' && (await at.places.enter('holder'))) at.inside++;
          if (act === 'leave' && at.inside > 0) {
            at.places.leave('holder');
            at.inside--;
          }
          if (act === 'die') {
            joined[worker]!.release();
            workers[worker] = join(joined[worker]!.fleet);
          }
          expect(workers.reduce((sum, { inside }) => sum + inside, 0)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});
