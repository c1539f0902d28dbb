/**
 * Programs that a benchmark starts: pinned to a core, awaited until they listen, read for CPU and memory, and stopped.
 *
 * CPU is what the kernel accounts to the process and its descendants (`/proc/PID/stat`, in clock ticks of 10 ms), so worker
 * processes count. Linux only.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from '../../scripts/provision.ts';

/** The core of what is measured, and the core of all that loads it and stands behind it. */
export const MEASURED_CORE = 0;
export const LOAD_CORE = 1;

export interface CoreTime {
  readonly busyMicroseconds: number;
  readonly totalMicroseconds: number;
}

/**
 * What the measured core has done since the machine started, for whomever (`/proc/stat`, proc(5)). Interrupts are not counted as
 * busy: most are the load's own, and no process is charged for them.
 */
export function readMeasuredCore(): CoreTime {
  const line =
    readFileSync('/proc/stat', 'utf8')
      .split('\n')
      .find((text) => text.startsWith(`cpu${MEASURED_CORE} `)) ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0] = line
    .split(' ')
    .slice(1)
    .map(Number);
  const busy = user + nice + system + stolen;
  return {
    busyMicroseconds: busy * MICROSECONDS_PER_TICK,
    totalMicroseconds: (busy + irq + softirq + idle + waiting) * MICROSECONDS_PER_TICK,
  };
}

/**
 * Gives this session, and so all that is started here, precedence over whatever else runs on the machine, for as long as this process
 * lives: servers and load alike. Linux schedules by session first (sched(7), autogroup), so niceness alone would not. Without the
 * permission (root) nothing changes, and the disturbance of each round says what that costs.
 */
export function takePrecedence(): void {
  const setting = '/proc/self/autogroup';
  try {
    writeFileSync(setting, '-19');
  } catch {
    return;
  }
  process.once('exit', () => writeFileSync(setting, '0'));
}

/** Keeps this process, which starts and reads the others, off the measured core. @throws {Error} on a machine of one core. */
export function stayOffMeasuredCore(): void {
  const result = spawnSync('taskset', ['-c', '-p', String(LOAD_CORE), String(process.pid)], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`the benchmark needs two cores: ${result.stderr}`);
}

/** A program that listens on a port of the loopback interface. */
export interface Running {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** User and system time of the process and its descendants so far, in microseconds. */
  cpuMicroseconds(): number;
  /** Resident memory of the process and its descendants, in bytes. */
  residentBytes(): number;
  stop(): Promise<void>;
}

export interface Program {
  readonly name: string;
  /** A name in `PATH` or `'node'`, which is the Node that runs this. */
  readonly command: string;
  readonly args: readonly string[];
  /** Where it will listen; see {@link freePort}. */
  readonly port: number;
  readonly core: number;
  readonly cwd?: string;
  /** Beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How long it may take until it listens; 30 unless given. */
  readonly startSeconds?: number;
}

/**
 * Starts a program and waits until its port accepts connections.
 *
 * @throws {Error} with what it printed, when it ends first or does not listen in time.
 */
export async function start(program: Program): Promise<Running> {
  const { name, port, core, args, startSeconds = 30 } = program;
  const command = program.command === 'node' ? process.execPath : findProgram(program.command);
  if (command === undefined) throw new Error(`${program.command} is not installed`);
  const child = spawn('taskset', ['-c', String(core), command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: program.cwd,
    env: { ...process.env, ...program.environment },
  });
  started.add(child);
  child.once('exit', () => started.delete(child));
  let printed = '';
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start`);
  const deadline = performance.now() + startSeconds * 1000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${name} ended at its start:\n${printed}`);
    if (performance.now() > deadline) {
      killTree(pid);
      throw new Error(`${name} did not listen within ${startSeconds} s:\n${printed}`);
    }
    await delay(20);
  }
  return {
    name,
    port,
    pid,
    cpuMicroseconds: () => tree(pid).reduce((sum, { ticks }) => sum + ticks * MICROSECONDS_PER_TICK, 0),
    residentBytes: () => tree(pid).reduce((sum, { residentPages }) => sum + residentPages * PAGE_BYTES, 0),
    stop: () => stop(child),
  };
}

const started = new Set<ChildProcess>();

/** Leaves no server behind when this process is told to end, or fails. */
export function stopWithThisProcess(): void {
  process.once('exit', () => {
    for (const { pid } of started) if (pid !== undefined) killTree(pid);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}

/** A port of the loopback interface that nobody listens on, for programs that cannot choose one themselves. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  const forced = setTimeout(() => {
    if (child.pid !== undefined) killTree(child.pid);
  }, 5000);
  await ended;
  clearTimeout(forced);
}

/** With its descendants, whom a shell in front of them would leave behind. */
function killTree(root: number): void {
  for (const { pid } of tree(root)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
      continue;
    }
  }
}

const MICROSECONDS_PER_TICK = 10_000;
const PAGE_BYTES = 4096;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly residentPages: number;
}

/** Fields 4, 14 to 17 and 24 of `/proc/PID/stat` (proc(5)); the name in field 2 may hold spaces and parentheses. */
function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid,
    parent: field(4),
    ticks: field(14) + field(15) + field(16) + field(17),
    residentPages: field(24),
  };
}

function tree(root: number): Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
  const found = all.filter(({ pid }) => pid === root);
  for (const member of found) found.push(...all.filter(({ parent }) => parent === member.pid));
  return found;
}
