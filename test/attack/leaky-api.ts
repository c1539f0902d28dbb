/** The leaky API on a free port, with what its owner would give to who attacks it, as files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FaultName } from '../../examples/leaky-api/src/faults.ts';
import { materialOf } from '../../examples/leaky-api/src/material.ts';
import { createLeakyApi } from '../../examples/leaky-api/src/server.ts';

export interface RunningLeakyApi {
  readonly address: string;
  /** The path of a file of that material. */
  readonly file: (name: string) => string;
  /** The address to attack and every option that the material gives. */
  readonly arguments: readonly string[];
  readonly token: string;
  close(): void;
}

export async function startLeakyApi(faults: readonly FaultName[]): Promise<RunningLeakyApi> {
  const api = createLeakyApi(new Set(faults));
  const address = await api.listen(0);
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-leaky-'));
  const file = (name: string) => path.join(folder, name);
  const material = materialOf(api.desk);
  for (const [name, text] of Object.entries(material)) writeFileSync(file(name), text);
  const tokens = ['expired', 'id', 'refresh', 'other-audience', 'other-issuer'] as const;
  // A shared secret is published nowhere.
  const published = api.desk.jwks.keys.length > 0 ? ['--public-key', `${address}/.well-known/jwks.json`] : [];
  return {
    address,
    file,
    arguments: [
      `${address}/orders`,
      `--token=${file('token')}`,
      `--signing-key=${file('signing-key')}`,
      ...published,
      ...tokens.map((name) => `--${name}-token=${file(name)}`),
      '--open=/healthz',
      '--optional=/greeting',
      `--logout=${address}/logout`,
      '--rate=1000',
    ],
    token: material.token,
    close() {
      api.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
