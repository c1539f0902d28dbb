/**
 * Runs each property over five million cases and says how it went: `node -C source conformance/jwt/properties-long.ts [cases] [part of a name]`.
 * All take around an hour and a half on one core; the suite runs the same properties over 100,000.
 */
import { differential } from './properties/differential.ts';
import { PROPERTIES } from './properties/properties.ts';

const cases = Number(process.argv[2] ?? 5_000_000);
if (!Number.isSafeInteger(cases) || cases < 1) throw new TypeError('the number of cases must be a positive integer');

const [, , , wanted = ''] = process.argv;
const write = (line: string): void => void process.stdout.write(`${line}\n`);
for (const [name, property] of Object.entries({
  ...PROPERTIES,
  'differential: jose accepts what we accept': differential,
})) {
  if (!name.includes(wanted)) continue;
  const started = performance.now();
  await property(cases);
  write(`ok    ${name}: ${cases.toLocaleString('en')} cases, ${((performance.now() - started) / 1_000).toFixed(0)} s`);
}
