/**
 * What it costs to put a checked token in front of an API: CPU per request of each gateway, one process on one core, the same
 * origin, the same tokens, in turns.
 */
import path from 'node:path';
import { REQUIREMENTS } from '../../scripts/provision.ts';
import { compareUnderLoad } from '../load/compare.ts';
import type { Running } from '../load/process.ts';
import { writeRequests } from '../load/wrk.ts';
import type { BenchContext, Comparison, Section } from '../section.ts';
import { assertGuards } from './agreement.ts';
import { startHaproxy } from './haproxy.ts';
import { startIssuerStub } from './issuer-stub.ts';
import { NODE_PEERS, startNodePeer } from './node-peers.ts';
import { startOrigin } from './origin.ts';
import { startSealgate } from './sealgate.ts';
import { type Algorithm, type TokenSet, makeTokens, requestOf } from './tokens.ts';

const ALGORITHMS: readonly Algorithm[] = ['RS256', 'ES256'];
/** Of HAProxy's CPU for the same algorithm, everything on. */
const AT_MOST: Readonly<Record<Algorithm, number>> = { RS256: 0.85, ES256: 0.45 };
const TARGET = '/service-137/orders/1';

export const gateway: Section = {
  name: 'gateway',
  title: 'Gateway: a checked token in front of an API',
  needs: REQUIREMENTS.bench,
  async run(context) {
    const origin = await startOrigin(context.scratch);
    const issuer = await startIssuerStub();
    try {
      const comparisons: Comparison[] = [];
      for (const algorithm of ALGORITHMS) {
        const tokens = await makeTokens(algorithm, issuer.url, context.scratch);
        issuer.setKeys([tokens.publicJwk]);
        comparisons.push(await compareGateways(tokens, origin, context));
      }
      return comparisons;
    } finally {
      issuer.close();
      await origin.stop();
    }
  },
};

async function compareGateways(tokens: TokenSet, origin: Running, context: BenchContext): Promise<Comparison> {
  const { scratch } = context;
  const running: Running[] = [];
  try {
    const haproxy = await startHaproxy(scratch, origin.port, tokens);
    const sealgate = await startSealgate(scratch, origin.port, tokens);
    running.push(sealgate, haproxy);
    for (const peer of NODE_PEERS) running.push(await startNodePeer(peer, origin.port, tokens));
    for (const server of running) await assertGuards(server, tokens, TARGET);
    const unchecked = await startHaproxy(scratch, origin.port);
    running.push(unchecked);
    const requests = writeRequests(
      path.join(scratch, `${tokens.algorithm}.requests`),
      tokens.tokens.map((token) => requestOf(TARGET, token)),
    );
    const contenders = await compareUnderLoad(
      running.map((server) => ({ server, requests })),
      context,
    );
    return {
      title: `${tokens.algorithm}, ${tokens.tokens.length} tokens in rotation`,
      unit: 'µs CPU per request',
      contenders,
      peer: haproxy.name,
      targets: [{ contender: sealgate.name, bound: 'at most', limit: AT_MOST[tokens.algorithm], times: haproxy.name }],
    };
  } finally {
    for (const server of running) await server.stop();
  }
}
