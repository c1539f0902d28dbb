/**
 * `sealgate attack` against the demonstration as a user starts it, with all that its owner could give, the signing key too: nothing is
 * accepted, neither at the gateway nor at the orders API behind it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo } from '../harness/demo.ts';
import type { Demo } from '../harness/demo.ts';
import { demoMaterial } from './demo-material.ts';
import { acceptedIn, reportOf, runAttack } from './run-attack.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => demo.close());

describe('the orders API', () => {
  it.each(['gateway', 'upstream'] as const)('withstands every attack at the %s', async (place) => {
    const ran = await runAttack([`${demo[place]}/orders`, ...(await demoMaterial(demo)), '--json']);
    const report = reportOf(ran);
    expect(acceptedIn(report)).toEqual([]);
    expect(report.judged).toBe(true);
    const notWithstood = report.attacks.filter(({ verdict }) => verdict !== 'withstood');
    // ES256 keys have no second algorithm, and no path of the demonstration takes a token or none.
    expect(notWithstood.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['T4', 'not tried'],
      ['G8', 'not tried'],
    ]);
    expect(ran.exit).toBe(0);
  });

  it('is not blamed for a path that shows every header it got', async () => {
    const options = [...(await demoMaterial(demo)), '--only=G2,G4', '--json'];
    for (const place of [demo.gateway, demo.upstream]) {
      expect(acceptedIn(reportOf(await runAttack([`${place}/orders/echo`, ...options])))).toEqual([]);
    }
  });
});
