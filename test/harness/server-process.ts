/** A real `sealgate serve`, started as a user starts it, seen through its output and its exit code. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LAUNCHER = path.join(ROOT, 'packages/sealgate/bin/sealgate.js');
const READY = /^sealgate ready .*$/mu;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when standard output matches; rejects with all output if the process ends before. */
  printed(pattern: RegExp): Promise<void>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<Ended>;
}

/**
 * Starts the server and waits for its ready line. Rejects with all its output if it ends before; says its last words if it ends unasked after.
 *
 * @param launcher - Of the command. Default: this checkout's, which takes the sources.
 */
export async function startServer(args: readonly string[], launcher = LAUNCHER): Promise<ServerProcess> {
  const server = launch(['serve', ...args], launcher);
  await server.printed(READY);
  let asked = false;
  void server.ended.then(({ code, signal }) => {
    if (!asked) process.stderr.write(`the server ended unasked, ${code ?? signal}:\n${server.stderr().slice(-4000)}\n`);
    return undefined;
  });
  return {
    ...server,
    stop(signal) {
      asked = true;
      return server.stop(signal);
    },
  };
}

/** Runs the command to its end. */
export async function runSealgate(args: readonly string[]): Promise<Ended & { stdout: string; stderr: string }> {
  const { ended, stdout, stderr } = launch(args, LAUNCHER);
  const end = await ended;
  return { ...end, stdout: stdout(), stderr: stderr() };
}

function launch(args: readonly string[], launcher: string): ServerProcess {
  const child = spawn(process.execPath, [launcher, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  // A test that fails half-way leaves no server behind.
  const killOnExit = () => child.kill('SIGKILL');
  process.once('exit', killOnExit);
  child.once('close', () => process.off('exit', killOnExit));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const closed = Promise.withResolvers<Ended>();
  // "close" and not "exit": all output has been read then.
  child.once('close', (code, signal) => closed.resolve({ code, signal }));
  child.once('error', closed.reject);
  const ended = closed.promise;
  return {
    pid: child.pid ?? 0,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    ended,
    printed: (pattern) => waitForOutput(child, output, pattern),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

function waitForOutput(
  child: ChildProcess,
  output: { stdout: string; stderr: string },
  pattern: RegExp,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = () => {
    if (pattern.test(output.stdout)) resolve();
  };
  look();
  child.stdout?.on('data', look);
  child.once('close', (code, signal) => {
    reject(
      new Error(`sealgate ended (${code ?? signal}) before it printed ${pattern}:\n${output.stdout}${output.stderr}`),
    );
  });
  return promise;
}
