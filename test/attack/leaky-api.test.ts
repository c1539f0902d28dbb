/**
 * `sealgate attack` against the leaky API: without a fault it finds nothing; with one planted, it finds that one and no other. Each attack has
 * at least one fault that it finds: an attack that never succeeds would prove nothing.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS, isFaultName } from '../../examples/leaky-api/src/faults.ts';
import type { FaultName } from '../../examples/leaky-api/src/faults.ts';
import { createLeakyApi } from '../../examples/leaky-api/src/server.ts';
import { ATTACKS } from '../../packages/sealgate/src/attack/attack-list.ts';
import { startLeakyApi } from './leaky-api.ts';
import { acceptedIn, reportOf, runAttack } from './run-attack.ts';

const NAMES = Object.keys(FAULTS).filter(isFaultName);

async function attacked(faults: readonly FaultName[]) {
  const api = await startLeakyApi(faults);
  try {
    const ran = await runAttack([...api.arguments, '--json']);
    return { exit: ran.exit, report: reportOf(ran) };
  } finally {
    api.close();
  }
}

describe('the leaky API', () => {
  it('gives nothing away without a fault', async () => {
    const { exit, report } = await attacked([]);
    expect(acceptedIn(report)).toEqual([]);
    // An EC key has no second algorithm.
    expect(report.attacks.filter(({ verdict }) => verdict !== 'withstood').map(({ id }) => id)).toEqual(['T4']);
    expect(exit).toBe(0);
  });

  it.each(NAMES.map((name) => [FAULTS[name].attack, name] as const))('%s finds %s, and only that', async (id, name) => {
    const { exit, report } = await attacked([name]);
    expect(report.found, acceptedIn(report).join('\n')).toEqual([id]);
    expect(exit).toBe(1);
  });

  it('has a fault for each attack', () => {
    const found = new Set<string>(NAMES.map((name) => FAULTS[name].attack));
    expect(ATTACKS.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
  });

  it('names every fault in its README, with the attack that finds it', () => {
    const readme = readFileSync(path.resolve(import.meta.dirname, '../../examples/leaky-api/README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| `([a-z0-9-]+)` \| ([TG]\d+) \| (.+) \|$/gmu)];
    expect(rows.map(([, name, attack, mistake]) => [name, attack, mistake])).toEqual(
      Object.entries(FAULTS).map(([name, { attack, mistake }]) => [name, attack, mistake]),
    );
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'localhost', ''])('does not listen on %j', async (host) => {
    await expect(createLeakyApi(new Set()).listen(0, host)).rejects.toThrow('deliberately bad');
  });
});
