/** A Redis server of one test file: Debian's own, on a port of its own, keeping nothing. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from '../../test/harness/free-ports.ts';

export interface RedisServer {
  readonly port: number;
  /** Without TLS. */
  readonly url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** @param settings - Further lines of its configuration; they reach it on standard input, so that a password is no argument. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-redis-'));
  const tls = settings.some((line) => line.startsWith('tls-'));
  const lines = [
    'bind 127.0.0.1',
    ...(tls ? ['port 0', `tls-port ${port}`, 'tls-auth-clients no'] : [`port ${port}`]),
    `dir ${folder}`,
    'save ""',
    'appendonly no',
    ...settings,
  ];
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const started = spawn('redis-server', ['-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child = started;
    started.stdin.end(`${lines.join('\n')}\n`);
    const output: string[] = [];
    for await (const line of createInterface(started.stdout)) {
      output.push(line);
      if (line.includes('Ready to accept connections')) {
        started.stdout.resume();
        return;
      }
    }
    throw new Error(`redis-server did not start:\n${output.join('\n')}`);
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
