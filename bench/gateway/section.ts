/**
 * What it costs to put a checked token in front of an API: CPU per request of each gateway, one process on one core, the same
 * origin, the same tokens, in turns.
 */
import { REQUIREMENTS } from '../../scripts/provision.ts';
import type { Running } from '../load/process.ts';
import type { BenchContext, Comparison, Section } from '../section.ts';
import { compareAccepted } from './accepted.ts';
import { compareBodies } from './bodies.ts';
import { type BuiltPeers, buildPeers } from './built-peers.ts';
import { startField } from './field.ts';
import { compareFirstSeen } from './first-seen.ts';
import { compareAtHalfLoad } from './half-load.ts';
import { startIssuerStub } from './issuer-stub.ts';
import { startOrigin } from './origin.ts';
import { compareRefusals } from './refusals.ts';
import { type Algorithm, type TokenSet, makeTokens } from './tokens.ts';

const ALGORITHMS: readonly Algorithm[] = ['RS256', 'ES256'];
/** More than a round has requests, and several times what a cache holds. */
const TOKENS = 60_000;
const QUICK_TOKENS = 12_000;

export const gateway: Section = {
  name: 'gateway',
  title: 'Gateway: a checked token in front of an API',
  needs: REQUIREMENTS.bench,
  async run(context) {
    const built = await buildPeers(context.progress);
    const origin = await startOrigin(context.scratch);
    const issuer = await startIssuerStub();
    try {
      const comparisons: Comparison[] = [];
      for (const [index, algorithm] of ALGORITHMS.entries()) {
        context.progress(`  signing tokens with ${algorithm}`);
        const count = context.quick ? QUICK_TOKENS : TOKENS;
        const tokens = await makeTokens(algorithm, issuer.url, context.scratch, count);
        issuer.setKeys([tokens.publicJwk]);
        // They take minutes to warm up, and are as far from the rest with one algorithm as with the other.
        const peers = index === 0 ? built : { starts: [], missing: [] };
        comparisons.push(...(await compareGateways(tokens, origin, peers, context)));
      }
      return comparisons;
    } finally {
      issuer.close();
      await origin.stop();
    }
  },
};

async function compareGateways(
  tokens: TokenSet,
  origin: Running,
  built: BuiltPeers,
  context: BenchContext,
): Promise<Comparison[]> {
  const field = await startField(tokens, origin, built, context);
  try {
    const accepted = await compareAccepted(field, context);
    const comparisons = [
      accepted,
      await compareFirstSeen(field, context),
      await compareRefusals(field, context),
      await compareAtHalfLoad(field, accepted, context),
    ];
    // How a body passes does not depend on the signature; HAProxy is cheaper with this one.
    if (tokens.algorithm === 'RS256') comparisons.push(...(await compareBodies(field, context)));
    return comparisons;
  } finally {
    await field.stop();
  }
}
