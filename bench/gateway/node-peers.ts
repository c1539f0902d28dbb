/** The gateways that people build from npm packages: each one a process of its own, started from its file in `peers/`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MEASURED_CORE, type Running, freePort, start } from '../load/process.ts';
import type { PeerSetup } from './peers/setup.ts';
import { AUDIENCE, type TokenSet } from './tokens.ts';

interface Peer {
  readonly name: string;
  readonly file: string;
  readonly cache: boolean;
}

export const NODE_PEERS: readonly Peer[] = [
  { name: '@fastify/http-proxy + @fastify/jwt, its cache', file: 'fastify.ts', cache: true },
  { name: '@fastify/http-proxy + @fastify/jwt, no cache', file: 'fastify.ts', cache: false },
  { name: 'fast-gateway + fast-jwt, its cache', file: 'fast-gateway.ts', cache: true },
  { name: 'http-proxy + express-jwt', file: 'express.ts', cache: false },
];

/** Starts one of them for the key of a token set. */
export async function startNodePeer(peer: Peer, originPort: number, tokens: TokenSet): Promise<Running> {
  const port = await freePort();
  const setup: PeerSetup = {
    port,
    origin: `http://127.0.0.1:${originPort}`,
    algorithm: tokens.algorithm,
    publicKey: readFileSync(tokens.publicKeyFile, 'utf8'),
    issuer: tokens.issuer,
    audience: AUDIENCE,
    cache: peer.cache,
  };
  const file = path.join(import.meta.dirname, 'peers', peer.file);
  return start({ name: peer.name, command: 'node', args: [file, JSON.stringify(setup)], port, core: MEASURED_CORE });
}
