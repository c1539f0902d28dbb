/**
 * The command as a process: on a pipe, and under a terminal of its own (a pty, by script(1)), where standard output and standard error are one.
 *
 * Meanwhile the machine's list of processes is read, as every other user of it can.
 */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const LAUNCHER = path.resolve(import.meta.dirname, '../../packages/sealgate/bin/sealgate.js');

export interface Ran {
  readonly exit: number | null;
  /** Under a terminal: all that stood on it. */
  readonly stdout: string;
  readonly stderr: string;
  /** Arguments of every process of the machine, while the command ran. */
  readonly processes: string;
}

export interface Running {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly terminal: boolean;
  readonly variables?: Readonly<Record<string, string>>;
  /** What a person types as soon as the terminal shows `question`. */
  /** Without a terminal to ask at, whatever starts the tests. */
  readonly detached?: boolean;
  readonly answer?: { readonly question: string; readonly typed: string };
}

/** Runs it to its end. */
export function runProcess({ args, cwd, terminal, variables = {}, detached = false, answer }: Running): Promise<Ran> {
  const command = [process.execPath, LAUNCHER, ...args];
  const [program = '', ...rest] = terminal ? ['script', '-qec', command.map(quote).join(' '), '/dev/null'] : command;
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, TERM: 'xterm-256color', ...variables };
  const child = spawn(program, rest, { cwd, env, stdio: 'pipe', detached });
  const output = { stdout: '', stderr: '' };
  let processes = listProcesses();
  let isAnswered = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.stdout === '') processes += listProcesses();
    output.stdout += text;
    if (answer === undefined || isAnswered || !output.stdout.includes(answer.question)) return;
    isAnswered = true;
    processes += listProcesses();
    child.stdin.write(`${answer.typed}\r`);
  });
  const ended = Promise.withResolvers<Ran>();
  child.once('error', ended.reject);
  child.once('close', (exit) => {
    child.stdin.destroy();
    ended.resolve({ exit, ...output, stdout: output.stdout.replaceAll('\r\n', '\n'), processes });
  });
  // On a pipe there is nothing more to read; a terminal stays open.
  if (!terminal) child.stdin.end();
  return ended.promise;
}

const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

function listProcesses(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8');
      } catch {
        // It has ended meanwhile.
        return '';
      }
    })
    .join('\n');
}
