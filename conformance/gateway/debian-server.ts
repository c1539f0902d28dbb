/** A server of another maker, from Debian's package: its files in a folder of its own, on a port of its own, started and awaited. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findProgram } from '../../scripts/provision.ts';
import { freePort } from './free-port.ts';

export interface DebianServer {
  /** A command's name, or the path of one that no package of Debian has. */
  readonly program: string;
  readonly debianPackage: string | undefined;
  /** Files by name, and what is in them. */
  readonly files: (folder: string, port: number) => Readonly<Record<string, string>>;
  readonly args: (folder: string) => string[];
}

export interface StartedServer {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  close(): Promise<void>;
}

const STARTS_WITHIN_MS = 10_000;

/** @throws {Error} with what it printed, when it does not answer in time; or the package that it is missing from. */
export async function startServer({ program, debianPackage, files, args }: DebianServer): Promise<StartedServer> {
  const found = findProgram(program);
  if (found === undefined)
    throw new Error(`${program} is not installed: apt-get install ${debianPackage ?? '(no package has it)'}`);
  const folder = mkdtempSync(path.join(tmpdir(), `sealgate-${path.basename(program)}-`));
  const port = await freePort();
  for (const [name, text] of Object.entries(files(folder, port))) {
    writeFileSync(path.join(folder, name), text, { mode: 0o755 });
  }
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(found, args(folder), { stdio: ['ignore', 'ignore', 'pipe'], env });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${program} does not answer: ${said}`);
    }
    await wait(20);
  }
  return {
    port,
    url,
    folder,
    async close() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Asks over a connection of its own, which is not kept. @throws when nobody answers. */
export async function ask(url: string): Promise<void> {
  const req = get(url, { agent: false, headers: { connection: 'close' } });
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  res.resume();
  await once(res, 'end');
}

const answers = (url: string): Promise<boolean> =>
  ask(url).then(
    () => true,
    () => false,
  );

/** The beginning of Apache's main file: what it is made of, and where it keeps what it needs. */
export function apacheHead(folder: string, port: number, modules: readonly string[]): string {
  const load = (name: string): string => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`;
  return `${['mpm_event', 'authz_core', ...modules].map(load).join('\n')}
      ServerName localhost
      ServerRoot ${folder}
      PidFile ${folder}/pid
      ErrorLog ${folder}/error.log
      DefaultRuntimeDir ${folder}
      Listen 127.0.0.1:${port}`;
}
