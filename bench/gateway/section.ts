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
import { type Algorithm, type TokenSet, makeTokens, requestOf, tamper } from './tokens.ts';

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
        comparisons.push(...(await compareGateways(tokens, origin, context)));
      }
      return comparisons;
    } finally {
      issuer.close();
      await origin.stop();
    }
  },
};

async function compareGateways(tokens: TokenSet, origin: Running, context: BenchContext): Promise<Comparison[]> {
  const { scratch } = context;
  const running: Running[] = [];
  try {
    const sealgate = await startSealgate(scratch, origin.port, tokens);
    running.push(sealgate);
    const haproxy = await startHaproxy(scratch, origin.port, tokens);
    running.push(haproxy);
    for (const peer of NODE_PEERS) running.push(await startNodePeer(peer, origin.port, tokens));
    for (const server of running) await assertGuards(server, tokens, TARGET);
    const unchecked = await startHaproxy(scratch, origin.port);
    running.push(unchecked);
    return [
      await compareAccepted(tokens, running, { sealgate, haproxy }, context),
      await compareRefused(tokens, { sealgate, haproxy }, context),
    ];
  } finally {
    for (const server of running) await server.stop();
  }
}

interface Compared {
  readonly sealgate: Running;
  readonly haproxy: Running;
}

async function compareAccepted(
  tokens: TokenSet,
  running: readonly Running[],
  { sealgate, haproxy }: Compared,
  context: BenchContext,
): Promise<Comparison> {
  const requests = writeTokens(tokens, 'accepted', (token) => requestOf(TARGET, token), context);
  return {
    title: `${tokens.algorithm}: ${tokens.tokens.length} good tokens in rotation`,
    unit: 'µs CPU per request',
    contenders: await compareUnderLoad(
      running.map((server) => ({ server, requests })),
      context,
    ),
    peer: haproxy.name,
    targets: [{ contender: sealgate.name, bound: 'at most', limit: AT_MOST[tokens.algorithm], times: haproxy.name }],
    notes: [
      'Sealgate with everything on: 200 routes with scopes, cached verification, revocation by the feed (1,000 records), a limit by subject, identity headers, metrics, access log to a file. HAProxy: algorithm, issuer, audience, expiry, signature, subject to a header; no log. The others as their documentation combines them, with the same checks.',
    ],
  };
}

async function compareRefused(tokens: TokenSet, compared: Compared, context: BenchContext): Promise<Comparison> {
  const { sealgate, haproxy } = compared;
  const write = (name: string, make: (token: string) => string) => writeTokens(tokens, name, make, context);
  const good = write('good', (token) => requestOf(TARGET, token));
  const none = write('none', () => requestOf(TARGET));
  const malformed = write('malformed', (token) => requestOf(TARGET, `${token}=`));
  const forged = write('forged', (token) => requestOf(TARGET, tamper(token)));
  const refused = 'refused' as const;
  return {
    title: `${tokens.algorithm}: refusals`,
    unit: 'µs CPU per request',
    contenders: await compareUnderLoad(
      [
        { server: sealgate, requests: good, name: 'Sealgate, good token' },
        { server: sealgate, requests: none, name: 'Sealgate, no token', expect: refused },
        { server: sealgate, requests: malformed, name: 'Sealgate, malformed token', expect: refused },
        { server: sealgate, requests: forged, name: 'Sealgate, changed signature', expect: refused },
        { server: haproxy, requests: forged, name: 'HAProxy, changed signature', expect: refused },
      ],
      context,
    ),
    peer: 'Sealgate, good token',
    targets: ['no token', 'malformed token', 'changed signature'].map((what) => ({
      contender: `Sealgate, ${what}`,
      bound: 'at most' as const,
      limit: 0.5,
      times: 'Sealgate, good token',
    })),
  };
}

function writeTokens(
  { algorithm, tokens }: TokenSet,
  name: string,
  make: (token: string) => string,
  { scratch }: BenchContext,
): string {
  return writeRequests(path.join(scratch, `${algorithm}-${name}.requests`), tokens.map(make));
}
