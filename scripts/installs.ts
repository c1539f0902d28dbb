/**
 * Programs of others that are brought from their registries and built here: by `npm run interop` and `npm run bench`. A folder of
 * the repository fixes the versions in the manifests of the program's own language; it is copied into a cache outside the
 * repository, and its steps run there. Done once; done again when a manifest, a source file or a step changes.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Step {
  /** A name in `PATH`, or a path below the working folder. */
  readonly command: string;
  readonly args: readonly string[];
}

export interface Installation {
  /** As errors call it. */
  readonly name: string;
  /** The folder with the manifests and sources. */
  readonly from: string;
  /** Where it is copied, got and built: see {@link cacheFolder}. */
  readonly to: string;
  /** How to get and build it; the working folder is `to`. */
  readonly steps: readonly Step[];
}

/** Where a purpose keeps what it installed: survives `npm ci`, and may be deleted at any time. */
export function cacheFolder(purpose: 'bench' | 'interop'): string {
  return path.join(os.homedir(), '.cache', `sealgate-${purpose}`);
}

/**
 * Makes sure that a program is built, in its folder `to`.
 *
 * @throws {Error} naming the step that failed, with what it printed.
 */
export async function install({ name, from, to, steps }: Installation): Promise<void> {
  const stamp = path.join(to, '.installed');
  const wanted = fingerprint(from, steps);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
  for (const step of steps) await run(name, step, to);
  writeFileSync(stamp, wanted);
}

function fingerprint(folder: string, steps: readonly Step[]): string {
  const hash = createHash('sha256').update(JSON.stringify(steps));
  for (const file of globSync('**/*.*', { cwd: folder }).sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(folder, file)));
  }
  return hash.digest('hex');
}

function run(name: string, { command, args }: Step, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const program = command.includes('/') ? path.join(cwd, command) : command;
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    const keep = (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${name}: "${command} ${args.join(' ')}" ended with ${code}:\n${printed}`));
    });
  });
}
