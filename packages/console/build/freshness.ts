/**
 * Whether the built page is what its sources say: a digest of everything that goes into it, kept beside it.
 *
 * By content and not by time: a checkout, a branch switched or an archive unpacked says nothing true of times.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** The page, how it is built, the library's modules that it may take in, and the versions of everything else. */
const INPUTS = [
  'packages/console/src/debugger/**/*.*',
  'packages/console/build/*.ts',
  'packages/console/vite.config.ts',
  'packages/jwt/src/**/*.ts',
  'package-lock.json',
];

const digestFile = (dist: string): string => path.join(dist, 'debugger.inputs');

function digestInputs(): string {
  const hash = createHash('sha256');
  for (const file of globSync(INPUTS, { cwd: root }).sort()) {
    if (file.endsWith('.test.ts')) continue;
    const content = readFileSync(path.join(root, file));
    hash.update(`${file.replaceAll(path.sep, '/')} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** Call when the page was built into `dist`. */
export function markFresh(dist: string): void {
  writeFileSync(digestFile(dist), digestInputs());
}

/** Whether the page in `dist` was built from the sources as they are now. */
export function isFresh(dist: string): boolean {
  const file = digestFile(dist);
  return existsSync(file) && readFileSync(file, 'utf8') === digestInputs();
}
