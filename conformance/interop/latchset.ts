/**
 * latchset `jose`, the C implementation, through its command line: a process for each token, so few tokens are made with it.
 * It prints the payload and reads the key from standard input or a file; keys go through files that only we can read.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Claims, JsonWebKey, Library } from './library.ts';
import type { Part } from './parts.ts';

export const LATCHSET: Part = { name: 'C', programs: ['jose'] };

/** The library, working in a folder of its own below `scratch`. */
export function latchsetJose(scratch: string): Library {
  return {
    name: 'latchset jose',
    version: installedVersion(),
    source: 'Debian',
    tokens: 2,
    async sign({ alg, privateJwk }, claims) {
      const template = JSON.stringify({ protected: { alg, typ: 'JWT' } });
      return withFiles(scratch, { key: privateJwk, payload: claims }, async ({ key, payload }) => {
        const printed = await jose(['jws', 'sig', '-I', payload, '-k', key, '-s', template, '-c', '-o', '-']);
        return printed.trim();
      });
    },
    async verify({ publicJwk }, token) {
      return withFiles(scratch, { key: publicJwk, token }, async (files) => {
        const claims: Claims = JSON.parse(await jose(['jws', 'ver', '-i', files.token, '-k', files.key, '-O', '-']));
        return claims;
      });
    },
  };
}

function installedVersion(): string {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'jose'], { encoding: 'utf8' });
  // The upstream version alone: Debian's revision changes without the program.
  return stdout.trim().replace(/-[^-]*$/u, '');
}

async function withFiles<Names extends string, T>(
  scratch: string,
  contents: Readonly<Record<Names, JsonWebKey | Claims | string>>,
  work: (files: Record<Names, string>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(path.join(scratch, 'jose-'));
  try {
    const files: Record<string, string> = {};
    for (const [name, content] of Object.entries(contents)) {
      const file = path.join(folder, name);
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
      files[name] = file;
    }
    return await work(files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function jose(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('jose', args, { timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr.trim() || error.message));
    });
  });
}
