/**
 * `npm run build`: a publishable `dist` with types in every package, in the order of their imports. Development and tests never
 * need it: they run from source.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** Each package after all that it imports: a build sees its neighbours as a user would, through their built types. */
const ORDER = ['jwt', 'console', 'service', 'guard', 'issuer', 'gateway', 'sealgate'];

for (const name of ORDER) {
  const folder = path.join(root, 'packages', name);
  rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
  const started = performance.now();
  run(name, 'tsc', '-p', path.join(folder, 'tsconfig.build.json'));
  const pages = path.join(folder, 'vite.config.ts');
  if (existsSync(pages)) run(name, 'vite', 'build', '--logLevel', 'warn', '-c', pages);
  if (!existsSync(path.join(folder, 'dist'))) throw new Error(`packages/${name} built nothing`);
  console.log(`built packages/${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}

function run(name: string, program: string, ...args: readonly string[]): void {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (result.status === 0) return;
  console.error(`build failed in packages/${name}`);
  process.exit(1);
}
