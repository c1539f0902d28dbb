/** Random histories of sessions against real issuer processes, compared with a model: on SQLite one process, on PostgreSQL three. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORE_KINDS, type Databases } from '../stores.ts';
import { World, histories } from './histories.ts';

const HISTORIES = 200;

describe.each(STORE_KINDS)('sessions on $name', (storeKind) => {
  let databases: Databases;
  let folder: string;
  let world: World;

  beforeAll(async () => {
    databases = await storeKind.start();
    folder = mkdtempSync(path.join(tmpdir(), 'sealgate-histories-'));
    world = await World.start(await databases.create(), folder, storeKind.name === 'PostgreSQL' ? 3 : 1);
  });
  afterAll(async () => {
    await world.close();
    await databases.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`are as the model says, in ${HISTORIES} histories`, { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(histories, (steps) => world.live(steps)),
      { numRuns: HISTORIES, endOnFailure: true },
    );
    expect(world.kills).toBeGreaterThan(0);
  });
});
