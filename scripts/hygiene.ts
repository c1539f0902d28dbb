/**
 * What no tool of others checks: focused or skipped tests, and download addresses in the lock file. Run by
 * `npm run check`. It reads text only.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const RULES: readonly { files: string; pattern: RegExp; message: string }[] = [
  {
    files: '{packages,examples,conformance,bench,test,scripts}/**/*.{ts,tsx}',
    pattern: /\b(?:it|test|describe)\.(?:skip|only|todo|skipIf|runIf)\b/u,
    message: 'a test that does not run is a defect: mend it or delete it',
  },
  {
    files: 'package-lock.json',
    pattern: /"resolved": "https?:/u,
    message: 'the lock file records download addresses; .npmrc omits them',
  },
];

/** Each breach as `file:line: message`. */
export function findBreaches(root: string): string[] {
  const breaches: string[] = [];
  for (const { files, pattern, message } of RULES) {
    for (const file of globSync(files, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).sort()) {
      const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
      for (const [index, line] of lines.entries()) {
        if (pattern.test(line)) breaches.push(`${file}:${index + 1}: ${message}`);
      }
    }
  }
  return breaches;
}

if (import.meta.main) {
  const breaches = findBreaches(path.resolve(import.meta.dirname, '..'));
  for (const breach of breaches) console.error(breach);
  if (breaches.length > 0) process.exitCode = 1;
}
