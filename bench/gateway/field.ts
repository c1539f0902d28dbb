/** The gateways of one run: all started for one algorithm, in front of one origin, each held to right answers before it is measured. */
import path from 'node:path';
import type { Running } from '../load/process.ts';
import { writeRequests } from '../load/wrk.ts';
import type { BenchContext } from '../section.ts';
import { assertGuards } from './agreement.ts';
import type { BuiltPeers } from './built-peers.ts';
import { startHaproxy } from './haproxy.ts';
import { NODE_PEERS, startNodePeer } from './node-peers.ts';
import { startSealgate } from './sealgate.ts';
import { TOKENS, type TokenSet, requestOf } from './tokens.ts';

/** A path below one of Sealgate's 200 routes. */
export const TARGET = '/service-137/orders/1';

export interface Field {
  /** Every token there is; {@link rotation} are the first of them. */
  readonly tokens: TokenSet;
  readonly origin: Running;
  readonly sealgate: Running;
  readonly haproxy: Running;
  /** HAProxy that forwards everything. */
  readonly unchecked: Running;
  /** `@fastify/http-proxy` with its cache first. */
  readonly nodePeers: readonly Running[];
  readonly builtPeers: readonly Running[];
  /** A sentence for each peer that could not be built. */
  readonly missing: readonly string[];
  stop(): Promise<void>;
}

/** @throws {Error} naming a gateway that does not start, or what it got wrong. */
export async function startField(
  tokens: TokenSet,
  origin: Running,
  built: BuiltPeers,
  { scratch }: BenchContext,
): Promise<Field> {
  const started: Running[] = [];
  const stop = async () => {
    for (const server of started) await server.stop();
  };
  const guarding = async (starting: Promise<Running>): Promise<Running> => {
    const server = await starting;
    started.push(server);
    await assertGuards(server, tokens, TARGET);
    return server;
  };
  try {
    const sealgate = await guarding(startSealgate(scratch, origin.port, tokens));
    const haproxy = await guarding(startHaproxy(scratch, origin.port, tokens));
    const nodePeers: Running[] = [];
    for (const peer of NODE_PEERS) nodePeers.push(await guarding(startNodePeer(peer, origin.port, tokens)));
    const builtPeers: Running[] = [];
    for (const start of built.starts) {
      builtPeers.push(await guarding(start({ scratch, originPort: origin.port, tokens })));
    }
    const unchecked = await startHaproxy(scratch, origin.port);
    started.push(unchecked);
    return { tokens, origin, sealgate, haproxy, unchecked, nodePeers, builtPeers, missing: built.missing, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The tokens that a cache knows after a second. */
export function rotation({ tokens }: Field): readonly string[] {
  return tokens.tokens.slice(0, TOKENS);
}

/** Writes the file of {@link rotation}, as good requests or what `make` makes of the tokens. */
export function writeRotation(
  field: Field,
  name: string,
  { scratch }: BenchContext,
  make: (token: string) => string = (token) => requestOf(TARGET, token),
): string {
  return writeRequests(path.join(scratch, `${field.tokens.algorithm}-${name}.requests`), rotation(field).map(make));
}
