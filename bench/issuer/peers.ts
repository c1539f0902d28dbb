/** Peers that are programs of other languages: in the run where their toolchains are at hand, named in the report where not. */
import { mkdirSync } from 'node:fs';
import type { PostgresPlace } from '../../packages/issuer/test/postgres-server.ts';
import { findProgram } from '../../scripts/provision.ts';
import type { IssuerServer } from './servers.ts';

/** They take part in the first rounds only, to keep the run short. */
export const PEER_ROUNDS = 3;

export interface PeerSettings {
  /** Of its own, for files of this run; made when it is not there. */
  readonly folder: string;
  /** Address of an empty database on PostgreSQL. */
  readonly database: string;
}

export interface StartedPeer {
  readonly server: IssuerServer;
  /** Makes so many sign-ins through its API, each with a refresh token of its own. @throws {Error} when it answers wrongly. */
  prepare(families: number): Promise<void>;
}

export interface Peer {
  /** As in the tables. */
  readonly name: string;
  /** What installing and running it takes. */
  readonly programs: readonly string[];
  /** Where it reaches PostgreSQL: at the port where it knows no Unix sockets. */
  readonly databaseAt: PostgresPlace;
  /** Installs it unless it is, and starts it on the measured core. */
  start(settings: PeerSettings): Promise<StartedPeer>;
}

/** @returns the peer, or one line that says why it cannot be had on this machine. */
export async function startPeer(peer: Peer, settings: PeerSettings): Promise<StartedPeer | string> {
  const missing = peer.programs.filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) return `${peer.name}: not in this run, for want of ${missing.join(' and ')}.`;
  mkdirSync(settings.folder, { recursive: true });
  try {
    return await peer.start(settings);
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${peer.name}: not in this run; it could not be installed or started: ${reason}`;
  }
}
