/**
 * Lives 10,000 histories on each database, or on the one that is named, and says how it went:
 * `node -C source packages/issuer/test/families/long-run.ts [histories] [SQLite|PostgreSQL]`. The suite lives 200 of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { STORE_KINDS } from '../stores.ts';
import { World, histories } from './histories.ts';

const PORTION = 250;
const [, , count = '10000', only] = process.argv;
const wanted = Number(count);
if (!Number.isSafeInteger(wanted) || wanted < 1)
  throw new TypeError('the number of histories must be a positive integer');

const write = (line: string): void => void process.stdout.write(`${line}\n`);
for (const kind of STORE_KINDS.filter(({ name }) => only === undefined || name === only)) {
  const databases = await kind.start();
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-histories-'));
  const processes = kind.name === 'PostgreSQL' ? 3 : 1;
  const world = await World.start(await databases.create(), folder, processes);
  const started = performance.now();
  let steps = 0;
  try {
    for (let lived = 0; lived < wanted;) {
      const numRuns = Math.min(PORTION, wanted - lived);
      const property = fc.asyncProperty(histories, (history) => {
        steps += history.length;
        return world.live(history);
      });
      await fc.assert(property, { numRuns, endOnFailure: true });
      lived += numRuns;
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      write(
        `ok    ${kind.name}, ${processes} process(es): ${lived} histories, ${steps} steps, ${world.kills} kills, ${seconds} s`,
      );
    }
  } finally {
    await world.close();
    await databases.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
