/**
 * `npm run check`: everything that can be known without running the product. Runs every step even when one fails, so that one
 * run shows all there is to mend; exits 1 if any failed. `npm run check -- types lint` runs those alone.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

const STEPS: readonly { name: string; command: readonly string[] }[] = [
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'browser-types', command: ['tsc', '-p', 'packages/jwt/tsconfig.browser.json'] },
  { name: 'types-console', command: ['tsc', '-p', 'packages/console/tsconfig.json'] },
  { name: 'browser-types-console', command: ['tsc', '-p', 'packages/console/tsconfig.browser.json'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '.'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'boundaries', command: ['node', 'scripts/boundaries.ts'] },
  { name: 'hygiene', command: ['node', 'scripts/hygiene.ts'] },
  { name: 'docs', command: ['node', '-C', 'source', 'scripts/generate-docs.ts', '--check'] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`unknown step ${unknown.join(', ')}; the steps are ${STEPS.map((step) => step.name).join(', ')}`);
  process.exit(2);
}

const failed: string[] = [];
for (const { name, command } of STEPS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = performance.now();
  const [program = '', ...rest] = command;
  const result = spawnSync(program, rest, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const passed = result.status === 0;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (!passed) {
    failed.push(name);
    console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? String(result.error) : ''}`);
  }
}
if (failed.length > 0) {
  console.error(
    `check failed: ${failed.join(', ')}. "npm run format" mends format, "npm run docs" the generated docs.`,
  );
  process.exit(1);
}
