/** A gateway with one open route and nothing else: it starts in a moment. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from '../harness/free-ports.ts';

export interface SmallFolder {
  /** The configuration file. */
  readonly file: string;
  /** Another, with the same public port and an admin port of its own. */
  readonly sameListen: string;
  remove(): void;
}

export async function createSmallFolder(workers = '2'): Promise<SmallFolder> {
  const [port, admin, otherAdmin] = await freePorts(3);
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-workers-'));
  const write = (name: string, adminPort: number | undefined): string => {
    const file = path.join(folder, name);
    writeFileSync(
      file,
      `version: 1
gateway:
  listen: http://127.0.0.1:${port}
  admin: http://127.0.0.1:${adminPort}
  workers: ${workers}
  upstreams: { none: { urls: ['http://127.0.0.1:9'] } }
  routes: [{ path: /**, to: none, auth: none }]
`,
    );
    return file;
  };
  return {
    file: write('sealgate.yaml', admin),
    sameListen: write('same-listen.yaml', otherAdmin),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
