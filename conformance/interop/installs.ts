/**
 * Gets the libraries of other languages and builds the program in front of them: from the ordinary registries, at the versions
 * that the checked-in manifests fix, into a folder outside the repository. Done once; done again when a manifest or a source
 * file changes.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Where everything is installed and built: survives `npm ci`, and may be deleted at any time. */
export const CACHE = path.join(os.homedir(), '.cache', 'sealgate-interop');

interface Step {
  readonly command: string;
  readonly args: readonly string[];
}

export interface Language {
  readonly name: string;
  /** The registry of its libraries, as shown in the table. */
  readonly source: string;
  /** The folder beside this file. */
  readonly folder: string;
  /** How to get and build it; the working folder is a copy of `folder`. */
  readonly steps: readonly Step[];
  /** How to start it there, once built. */
  readonly start: { readonly command: string; readonly args: readonly string[] };
}

export const LANGUAGES: readonly Language[] = [
  {
    name: 'Python',
    source: 'PyPI',
    folder: 'python',
    steps: [
      { command: 'python3', args: ['-m', 'venv', 'venv'] },
      { command: 'venv/bin/pip', args: ['install', '--quiet', '--no-deps', '--requirement', 'requirements.txt'] },
    ],
    start: { command: 'venv/bin/python', args: ['-W', 'ignore', 'driver.py'] },
  },
  {
    name: 'Java',
    source: 'Maven Central',
    folder: 'java',
    steps: [
      { command: 'mvn', args: ['--quiet', '--batch-mode', 'dependency:copy-dependencies', '-DoutputDirectory=lib'] },
      { command: 'javac', args: ['-cp', 'lib/*', '-d', 'classes', ...javaSources()] },
    ],
    start: { command: 'java', args: ['-XX:TieredStopAtLevel=1', '-cp', 'classes:lib/*', 'Driver'] },
  },
  {
    name: 'Go',
    source: 'Go modules',
    folder: 'go',
    steps: [{ command: 'go', args: ['build', '-mod=readonly', '-o', 'driver', '.'] }],
    start: { command: './driver', args: [] },
  },
  {
    name: 'Rust',
    source: 'crates.io',
    folder: 'rust',
    steps: [{ command: 'cargo', args: ['build', '--quiet', '--release', '--locked', '--target-dir', 'target'] }],
    start: { command: 'target/release/sealgate-interop', args: [] },
  },
  { name: 'Ruby', source: 'Debian', folder: 'ruby', steps: [], start: { command: 'ruby', args: ['driver.rb'] } },
];

function javaSources(): string[] {
  return globSync('src/*.java', { cwd: path.join(import.meta.dirname, 'java') }).sort();
}

/**
 * Makes sure that a language's program is built, and returns its folder.
 *
 * @throws {Error} naming the step that failed, with what it printed.
 */
export async function install(language: Language): Promise<string> {
  const from = path.join(import.meta.dirname, language.folder);
  const to = path.join(CACHE, language.folder);
  const stamp = path.join(to, '.installed');
  const wanted = fingerprint(from, language);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return to;
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
  for (const step of language.steps) await run(language.name, step, to);
  writeFileSync(stamp, wanted);
  return to;
}

function fingerprint(folder: string, { steps }: Language): string {
  const hash = createHash('sha256').update(JSON.stringify(steps));
  for (const file of globSync('**/*.*', { cwd: folder }).sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(folder, file)));
  }
  return hash.digest('hex');
}

function run(language: string, { command, args }: Step, cwd: string): Promise<void> {
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
      else reject(new Error(`${language}: "${command} ${args.join(' ')}" ended with ${code}:\n${printed}`));
    });
  });
}
