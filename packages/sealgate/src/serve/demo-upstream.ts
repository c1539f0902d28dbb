/**
 * The example program of a demonstration, as a child process: started, waited for, and stopped with the servers.
 *
 * It runs in a process group of its own, so that Ctrl-C reaches this process alone: the gateway finishes its requests first, and only then is the
 * program told to stop. If this process dies, the broken channel tells the program.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@sealgate/service';
import { CommandError } from '../command-error.ts';
import type { DemoConfig } from '../config/demo-schema.ts';
import { childEnvironment } from '../environment.ts';

const READY_WITHIN_MS = 20_000;
const ASK_EVERY_MS = 50;
const STOP_WITHIN_MS = 5000;

export interface DemoUpstream {
  /** Asks the program to stop, and waits for it; ends it if it does not. */
  close(): Promise<void>;
}

/** @throws {CommandError} `port_in_use`, `demo_failed`. */
export async function startDemoUpstream(
  config: NonNullable<DemoConfig['upstream']>,
  logger: Logger,
): Promise<DemoUpstream> {
  if (!existsSync(config.run)) {
    throw new CommandError('demo_failed', `${config.run} (demo.upstream.run) does not exist: name the program to run`);
  }
  const ready = new URL(config.ready);
  if (await isListening(ready)) {
    const message = `port ${ready.port} is in use (demo.upstream.ready, ${config.ready}): stop the program that listens there, or change the port`;
    throw new CommandError('port_in_use', message);
  }
  const child = fork(config.run, [], {
    detached: true,
    env: childEnvironment(config.environment),
    execArgv: ['-C', 'source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stopped = new AbortController();
  let closing = false;
  child.on('exit', (code, signal) => {
    stopped.abort();
    if (!closing) logger.error({ exit_code: code, signal }, 'the demonstration upstream ended');
  });
  const close = async () => {
    closing = true;
    await stop(child);
  };
  try {
    await untilReady(config, stopped.signal);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

async function untilReady({ ready, run }: NonNullable<DemoConfig['upstream']>, stopped: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (stopped.aborted) throw new CommandError('demo_failed', `${run} (demo.upstream.run) ended before it was ready`);
    if (await answersOk(ready)) return;
    await delay(ASK_EVERY_MS);
  }
  const message = `${run} (demo.upstream.run) did not answer at ${ready} within ${READY_WITHIN_MS / 1000} s`;
  throw new CommandError('demo_failed', message);
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function isListening({ hostname, port }: URL): Promise<boolean> {
  const socket = connect({ host: hostname.replace(/^\[(.*)\]$/u, '$1'), port: Number(port === '' ? 80 : port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(timer);
}
