/**
 * Package boundaries: who may import whom, with the reason for each line. Run by `npm run check`.
 *
 * Data flows one way (request -> token -> verdict -> upstream), and so do imports. What is not listed is forbidden. This file
 * reads import specifiers as text; whether a name exists is the type checker's business.
 */
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import path from 'node:path';

interface Boundary {
  /** Our packages that this one may import, or `'all'`. */
  readonly may: readonly string[] | 'all';
  readonly because: string;
}

export const BOUNDARIES: Readonly<Record<string, Boundary>> = {
  jwt: { may: [], because: 'a token library stands alone: it is what others change to, without taking a platform' },
  service: { may: [], because: 'how a server behaves has nothing to do with what a token is' },
  guard: {
    may: ['jwt'],
    because: 'the decision runs inside other teams’ services: it must not bring a server with it',
  },
  issuer: { may: ['jwt', 'guard', 'service'], because: 'issues what guard understands; it must run without a gateway' },
  gateway: { may: ['jwt', 'guard', 'service'], because: 'trusts any issuer over the wire; ours gets no back door' },
  console: { may: ['jwt'], because: 'pages run in a browser: only the browser-safe modules of jwt' },
  sealgate: { may: 'all', because: 'the command composes every part' },
};

/** Files that may read `process.env`: configuration has one way in. */
const MAY_READ_ENVIRONMENT = [/^packages\/service\/src\/config\//, /^packages\/sealgate\/src\/environment\.ts$/];

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*['"](@sealgate\/[a-z-]+|sealgate)(?:\/[^'"]*)?['"]/gu;

/** Every import in `root` that the table forbids, and every read of the environment outside the config loader. */
export function findViolations(root: string): Violation[] {
  const violations: Violation[] = [];
  for (const file of globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root }).sort()) {
    if (file.includes('.test.')) continue;
    const name = file.split(path.sep)[1] ?? '';
    const boundary = BOUNDARIES[name];
    const text = readFileSync(path.join(root, file), 'utf8');
    const lineAt = (index: number) => text.slice(0, index).split('\n').length;
    if (boundary === undefined) {
      violations.push({ file, line: 1, message: `package "${name}" has no line in scripts/boundaries.ts` });
      continue;
    }
    for (const match of text.matchAll(SPECIFIER)) {
      const imported = match[1]?.replace('@sealgate/', '') ?? '';
      if (imported === name || boundary.may === 'all' || boundary.may.includes(imported)) continue;
      violations.push({
        file,
        line: lineAt(match.index),
        message: `"${name}" may not import "${imported}": ${boundary.because}`,
      });
    }
    const environment = text.search(/\bprocess\.env\b/u);
    if (environment !== -1 && !MAY_READ_ENVIRONMENT.some((allowed) => allowed.test(file))) {
      violations.push({ file, line: lineAt(environment), message: 'only the config loader reads process.env' });
    }
  }
  for (const folder of globSync('packages/**/{utils,common,shared,helpers}', { cwd: root })) {
    if (folder.includes('node_modules') || folder.includes('dist')) continue;
    violations.push({ file: folder, line: 1, message: 'a helper lives beside its user: no folder of this name' });
  }
  return violations;
}

if (import.meta.main) {
  const violations = findViolations(path.resolve(import.meta.dirname, '..'));
  for (const { file, line, message } of violations) console.error(`${file}:${line}: ${message}`);
  if (violations.length > 0) process.exitCode = 1;
}
