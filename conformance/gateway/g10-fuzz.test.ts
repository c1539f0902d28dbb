/** ATTACKS.md G10, by mutation (`fuzz.ts`). A million of them: `long-run.ts fuzz`. */
import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { ORIGINS } from './web-server-origins.ts';

/** Requests for each kind of origin: what they reach of Node's parser they reach of the others'. */
const REQUESTS = new Map([
  ['Node', 20_000],
  ['nginx', 1000],
  ['Apache', 500],
]);

describe('G10: requests bent at random', () => {
  it.each(ORIGINS)('$behind and the decision never disagree', { timeout: 300_000 }, async ({ behind, start }) => {
    const requests = REQUESTS.get(behind) ?? 0;
    const { seen, disagreements } = await fuzz({ start, requests, seed: 20_260_722 });
    expect(disagreements).toEqual([]);
    expect(seen).toBeGreaterThan(requests / 20);
  });
});
