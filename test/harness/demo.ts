/** The demonstration on ports and in a folder of its own: `sealgate.demo.yaml`, with nothing changed but its addresses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from './free-ports.ts';
import { startServer } from './server-process.ts';
import type { Ended, ServerProcess } from './server-process.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface DemoFolder {
  readonly folder: string;
  /** The configuration file. */
  readonly file: string;
  readonly issuer: string;
  readonly gateway: string;
  /** The gateway's admin port. */
  readonly admin: string;
  /** The example API. */
  readonly upstream: string;
  remove(): void;
}

/**
 * A folder with the demonstration's file.
 *
 * @param edit - Further changes to its text.
 */
export async function createDemoFolder(edit: (yaml: string) => string = (yaml) => yaml): Promise<DemoFolder> {
  const [issuer, gateway, admin, upstream] = await freePorts(4);
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-demo-'));
  const file = path.join(folder, 'sealgate.demo.yaml');
  const text = readFileSync(path.join(ROOT, 'sealgate.demo.yaml'), 'utf8')
    .replaceAll(':4000', `:${issuer}`)
    .replaceAll(':8080', `:${gateway}`)
    .replaceAll(':8081', `:${admin}`)
    .replaceAll(':9000', `:${upstream}`)
    .replaceAll("'9000'", `'${upstream}'`)
    .replace('run: examples/', `run: ${ROOT}/examples/`);
  writeFileSync(file, edit(text));
  const at = (port: number | undefined) => `http://127.0.0.1:${port}`;
  return {
    folder,
    file,
    issuer: at(issuer),
    gateway: at(gateway),
    admin: at(admin),
    upstream: at(upstream),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Demo extends DemoFolder {
  readonly server: ServerProcess;
  /** Ends the server in order and removes the folder. */
  close(): Promise<Ended>;
}

/** A running demonstration. */
export async function startDemo(edit?: (yaml: string) => string): Promise<Demo> {
  const place = await createDemoFolder(edit);
  const server = await startServer(['-c', place.file]);
  return {
    ...place,
    server,
    async close() {
      const ended = await server.stop();
      place.remove();
      return ended;
    },
  };
}

/** What the demonstration's file publishes. */
export const DEMO_USER = { username: 'demo@example.com', password: 'correct horse battery staple' } as const;
export const DEMO_WORKER = { id: 'orders-worker', secret: 'orders-worker-secret-for-the-demo-only' } as const;
