/** 100,000 tokens judged by us and by `jose`. */
import { expect, it } from 'vitest';
import { differential, STRICTNESS } from './differential.ts';

it(
  'jose accepts all that we accept; where we are stricter, the class has a name, and every class is met',
  { timeout: 150_000 },
  async () => {
    const met = await differential(100_000);
    expect(met.get('both accept')).toBeGreaterThan(500);
    const neverMet = Object.keys(STRICTNESS).filter((name) => !met.has(name));
    // The caps on size are met by other tests: tokens here are small.
    expect(neverMet).toEqual(['token_too_large']);
  },
);
