/**
 * Gateways of other languages. Each is fetched and built from the registry of its language, at the version that its manifest in `peers/`
 * fixes: Go modules (KrakenD's libraries, Ory Oathkeeper), Maven Central (Spring). What cannot be built on a machine is left out, and said.
 */
import path from 'node:path';
import { type Step, cacheFolder, install } from '../../scripts/installs.ts';
import type { Running } from '../load/process.ts';
import { KRAKEND } from './krakend.ts';
import { OATHKEEPER } from './oathkeeper.ts';
import { SPRING } from './spring.ts';
import type { TokenSet } from './tokens.ts';

/** What a gateway is put between, and where it may write. */
export interface Place {
  readonly scratch: string;
  readonly originPort: number;
  readonly tokens: TokenSet;
}

export interface BuiltPeer {
  readonly name: string;
  /** In `peers/`, and of the built program. */
  readonly folder: string;
  readonly steps: readonly Step[];
  /** Starts what was built in a folder, for the issuer, algorithm and key set of the tokens. */
  start(built: string, place: Place): Promise<Running>;
}

/** Those that could be built, ready to start, and a sentence for each that could not. */
export interface BuiltPeers {
  readonly starts: readonly ((place: Place) => Promise<Running>)[];
  readonly missing: readonly string[];
}

/** Builds each once; the first time takes minutes. */
export async function buildPeers(progress: (line: string) => void): Promise<BuiltPeers> {
  const starts: ((place: Place) => Promise<Running>)[] = [];
  const missing: string[] = [];
  for (const peer of [KRAKEND, OATHKEEPER, SPRING]) {
    const { name, folder, steps } = peer;
    const to = path.join(cacheFolder('bench'), folder);
    progress(`  building ${name}, unless it is built`);
    try {
      await install({ name, from: path.join(import.meta.dirname, 'peers', folder), to, steps });
      starts.push((place) => peer.start(to, place));
    } catch (error) {
      progress(String(error));
      missing.push(`${name} is not in the table: it could not be built on this machine.`);
    }
  }
  return { starts, missing };
}
