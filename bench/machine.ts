/** Which machine a figure comes from. A figure without it means nothing. */
import { spawnSync } from 'node:child_process';
import os from 'node:os';

export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Load average of the last minute when the run began: what else the machine was doing. */
  readonly loadBefore: number;
  /** UTC, ISO 8601, to the minute. */
  readonly date: string;
  /** The commit measured, with `+` when files differed from it. */
  readonly commit: string;
}

/** Facts about this machine and checkout, read now. */
export function describeMachine(): MachineFacts {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    loadBefore: os.loadavg()[0] ?? Number.NaN,
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    commit: `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'}`,
  };
}

function git(...args: string[]): string {
  return spawnSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout.trim();
}
