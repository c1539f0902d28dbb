/** The programs in front of the libraries of other languages: where each comes from, and how it is built and started. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { type Step, cacheFolder, install } from '../../scripts/installs.ts';
import type { Part } from './parts.ts';

export const CACHE = cacheFolder('interop');

export interface Language extends Part {
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
    programs: ['python3'],
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
    programs: ['javac', 'mvn'],
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
    programs: ['go'],
    source: 'Go modules',
    folder: 'go',
    steps: [{ command: 'go', args: ['build', '-mod=readonly', '-o', 'driver', '.'] }],
    start: { command: './driver', args: [] },
  },
  {
    name: 'Rust',
    programs: ['cargo'],
    source: 'crates.io',
    folder: 'rust',
    steps: [{ command: 'cargo', args: ['build', '--quiet', '--release', '--locked', '--target-dir', 'target'] }],
    start: { command: 'target/release/sealgate-interop', args: [] },
  },
  {
    name: 'Ruby',
    programs: ['ruby', '/usr/share/rubygems-integration/all/specifications/jwt-*.gemspec'],
    source: 'Debian',
    folder: 'ruby',
    steps: [],
    start: { command: 'ruby', args: ['driver.rb'] },
  },
];

function javaSources(): string[] {
  return globSync('src/*.java', { cwd: path.join(import.meta.dirname, 'java') }).sort();
}

/**
 * Makes sure that a language's program is built, and returns its folder.
 *
 * @throws {Error} naming the step that failed, with what it printed.
 */
export async function installLanguage({ name, folder, steps }: Language): Promise<string> {
  const to = path.join(CACHE, folder);
  await install({ name, from: path.join(import.meta.dirname, folder), to, steps });
  return to;
}
