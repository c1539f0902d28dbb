/**
 * Before `npm start`: builds the web pages where they are missing or other than their sources; says so, as it takes a few seconds.
 * Nothing is loaded but Node where they are fresh.
 *
 * They are built aside and put in place at once, so that a server that starts meanwhile finds the old ones or the new ones whole.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isFresh } from '../packages/console/build/freshness.ts';

const dist = path.resolve(import.meta.dirname, '..', 'packages', 'console', 'dist');

if (!isFresh(dist)) {
  console.error('building the web pages, once until they change ...');
  const started = performance.now();
  const aside = path.join(dist, `next-${process.pid}`);
  const { build } = await import('vite');
  const { debuggerConfig } = await import('../packages/console/build/debugger.ts');
  mkdirSync(aside, { recursive: true });
  await build({ ...debuggerConfig(aside), configFile: false, logLevel: 'warn' });
  rmSync(path.join(dist, 'page'), { recursive: true, force: true });
  for (const name of ['page', 'debugger.html', 'debugger.inputs']) {
    renameSync(path.join(aside, name), path.join(dist, name));
  }
  rmSync(aside, { recursive: true });
  console.error(`built the web pages (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}
