/** A good token in each request, few enough of them that a cache is worth having: CPU per request of every gateway. */
import { compareUnderLoad } from '../load/compare.ts';
import type { BenchContext, Comparison } from '../section.ts';
import { type Field, rotation, writeRotation } from './field.ts';
import type { Algorithm } from './tokens.ts';

/** Of HAProxy's CPU for the same algorithm, everything on. */
const AT_MOST: Readonly<Record<Algorithm, number>> = { RS256: 0.85, ES256: 0.45 };

/** Of those that are far from the others: fewer and shorter rounds. */
const BRIEF = { rounds: 3, seconds: 2, mostWarmUpSeconds: 12 };
/** Java compiles what is hot only after thousands of requests, and on one core has fewer than a hundred in its first seconds. */
const BUILT = { ...BRIEF, warmUpRequests: 15_000, mostWarmUpSeconds: 70 };

const SET_UP =
  'Sealgate with everything on: 200 routes with scopes, cached verification, revocation by the feed (1,000 records), a limit by subject, identity headers, metrics, access log to a file. HAProxy: algorithm, issuer, audience, expiry, signature, subject to a header; no log. The others as their documentation combines them, with the same checks. All but Sealgate and HAProxy: 3 rounds of 2 s instead of 5 of 3 s.';
const OF_BUILT =
  'KrakenD is its engine, Lura, with its token validator, joined as KrakenD CE joins them and without its other components. KrakenD, Oathkeeper and Spring also check the scope, and get their keys by URL; they run on one core like the rest, and are warmed up by 15,000 requests or for 70 s; Spring, whose compiler shares that core, still becomes faster after it.';

export async function compareAccepted(field: Field, context: BenchContext): Promise<Comparison> {
  const { sealgate, haproxy, unchecked, nodePeers, builtPeers, missing } = field;
  const { algorithm } = field.tokens;
  const requests = writeRotation(field, 'accepted', context);
  return {
    title: `${algorithm}: ${rotation(field).length} good tokens in rotation`,
    unit: 'µs CPU per request',
    contenders: await compareUnderLoad(
      [
        { server: sealgate, requests },
        { server: haproxy, requests },
        ...nodePeers.map((server) => ({ server, requests, schedule: BRIEF })),
        ...builtPeers.map((server) => ({ server, requests, schedule: BUILT })),
        { server: unchecked, requests },
      ],
      context,
    ),
    peer: haproxy.name,
    targets: [{ contender: sealgate.name, bound: 'at most', limit: AT_MOST[algorithm], times: haproxy.name }],
    notes: [SET_UP, ...(builtPeers.length === 0 ? [] : [OF_BUILT]), ...missing],
  };
}
