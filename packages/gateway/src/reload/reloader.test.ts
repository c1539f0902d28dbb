import { silentLogger } from '@sealgate/service';
import { EventEmitter } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayConfig } from '../config/schema.ts';
import { createReloader, type Reloader, type ReloaderOptions } from './reloader.ts';

type Attempt = Parameters<NonNullable<ReloaderOptions<GatewayConfig>['onAttempt']>>[0];

let folder: string;
let file: string;
let signals: EventEmitter;
let reloader: Reloader;
let loaded: number;
let broken: boolean;
let attempts: Attempt[];
let notify: () => void;

/** Resolves when there have been so many attempts. */
const attempted = (count: number) =>
  new Promise<void>((resolve) => {
    notify = () => {
      if (attempts.length >= count) resolve();
    };
    notify();
  });

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-reload-'));
  file = path.join(folder, 'sealgate.yaml');
  writeFileSync(file, 'first');
  signals = new EventEmitter();
  [loaded, broken, attempts, notify] = [0, false, [], () => undefined];
  reloader = createReloader({
    file,
    signals,
    settleMs: 20,
    logger: silentLogger(),
    gateway: { reload: () => Promise.resolve({ changes: [], needRestart: [] }) },
    load: () => {
      loaded++;
      if (broken) throw new Error('line 3: unknown key');
      return {} as GatewayConfig;
    },
    onAttempt: (attempt) => {
      attempts.push(attempt);
      notify();
    },
  });
});
afterEach(() => {
  reloader.close();
  rmSync(folder, { recursive: true });
});

describe('createReloader', () => {
  it('reads again on SIGHUP', async () => {
    signals.emit('SIGHUP');
    await attempted(1);
    expect(attempts).toEqual([{ changes: [], needRestart: [] }]);
  });

  it('reads again when the file is written, and when another takes its place', async () => {
    writeFileSync(file, 'second');
    await attempted(1);
    writeFileSync(`${file}.new`, 'third');
    renameSync(`${file}.new`, file);
    await attempted(2);
    expect(loaded).toBe(2);
  });

  it('goes on after a file that is wrong', async () => {
    broken = true;
    signals.emit('SIGHUP');
    await attempted(1);
    expect(attempts[0]).toEqual({ error: new Error('line 3: unknown key') });
    await expect(reloader.reload()).rejects.toThrow('line 3');
    broken = false;
    await expect(reloader.reload()).resolves.toEqual({ changes: [], needRestart: [] });
  });

  it('listens to nothing once closed', () => {
    reloader.close();
    expect(signals.listenerCount('SIGHUP')).toBe(0);
  });
});
