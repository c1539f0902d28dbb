/** Every property of the token code over 100,000 cases. The long run is `conformance/jwt/properties-long.ts`. */
import { describe, it } from 'vitest';
import { PROPERTIES } from './properties.ts';

describe('properties, 100,000 cases each', () => {
  it.each(Object.entries(PROPERTIES))('%s', { timeout: 120_000 }, (_name, property) => {
    property(100_000);
  });
});
