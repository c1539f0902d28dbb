/** Runs a command in this process, as the entry of the process would, with a clock, an environment and a person at the terminal of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand, type CommandIo } from 'sealgate';
import { afterAll } from 'vitest';

export const NOW = 1_700_000_000;

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface World extends Partial<
  Pick<CommandIo, 'color' | 'columns' | 'isWatched' | 'askSecret' | 'nowSeconds'>
> {
  readonly stdin?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

export async function run(args: readonly string[], world: World = {}): Promise<Ran> {
  const { stdin = '', variables = {}, ...rest } = world;
  let stdout = '';
  let stderr = '';
  const exit = await runCommand(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    readStdin: async () => stdin,
    nowSeconds: () => NOW + 60,
    color: false,
    columns: 120,
    isWatched: false,
    environment: (name) => variables[name],
    askSecret: () => Promise.reject(new Error('nobody was to be asked')),
    newId: () => 'fresh-id',
    ...rest,
  });
  return { exit, stdout, stderr };
}

/** A folder of the test file's own, removed at its end. */
export function testFolder(): {
  readonly path: string;
  write(name: string, content: string | Uint8Array): string;
  at(name: string): string;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-command-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    path: folder,
    at: (name) => path.join(folder, name),
    write(name, content) {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
