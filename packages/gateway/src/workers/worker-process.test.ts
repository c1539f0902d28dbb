import cluster from 'node:cluster';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@sealgate/service';
import { expect, it, vi } from 'vitest';
import { forkWorker, setUpWorkers } from './worker-process.ts';

it('what can no longer be said to a worker that was killed is logged, and ends nobody else', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-worker-'));
  const file = path.join(folder, 'idle.cjs');
  writeFileSync(file, 'setInterval(() => undefined, 1000);');
  setUpWorkers({ file, args: [] });
  const logger = silentLogger();
  const logged = vi.spyOn(logger, 'error');
  const nothing = (): undefined => undefined;
  const worker = forkWorker(1, new Proxy({}, { get: () => nothing }) as Parameters<typeof forkWorker>[1], logger);
  const forked = Object.values(cluster.workers ?? {}).find((one) => one?.process.pid === worker.pid);
  worker.kill();
  expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
  const fault = new Error('write EPIPE');
  expect(() => forked?.process.emit('error', fault)).not.toThrow();
  expect(logged.mock.calls).toEqual([[{ err: fault, worker: 1 }, 'a worker cannot be reached']]);
  rmSync(folder, { recursive: true });
});
