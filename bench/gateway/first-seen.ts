/**
 * Every token seen for the first time, as after a start or with tokens that live for one request: no cache helps, each signature is verified. The
 * tokens come round in a fixed order, each after all the others, and there are several times as many as Sealgate's cache holds.
 */
import path from 'node:path';
import { compareUnderLoad } from '../load/compare.ts';
import { writeRequests } from '../load/wrk.ts';
import type { BenchContext, Comparison } from '../section.ts';
import { type Field, TARGET } from './field.ts';
import { type Algorithm, requestOf } from './tokens.ts';

/** Of HAProxy's CPU for the same algorithm. */
const AT_MOST: Readonly<Record<Algorithm, number>> = { RS256: 1.5, ES256: 1.2 };

export async function compareFirstSeen(field: Field, context: BenchContext): Promise<Comparison> {
  const { sealgate, haproxy, tokens } = field;
  const requests = writeRequests(
    path.join(context.scratch, `${tokens.algorithm}-first-seen.requests`),
    tokens.tokens.map((token) => requestOf(TARGET, token)),
  );
  return {
    title: `${tokens.algorithm}: every token seen for the first time`,
    unit: 'µs CPU per request',
    contenders: await compareUnderLoad(
      [sealgate, haproxy].map((server) => ({ server, requests, inOrder: true, schedule: { leastWarmUpSeconds: 3 } })),
      context,
    ),
    peer: haproxy.name,
    targets: [{ contender: sealgate.name, bound: 'at most', limit: AT_MOST[tokens.algorithm], times: haproxy.name }],
    notes: [
      `${tokens.tokens.length.toLocaleString('en-US')} tokens, each sent again only after all the others; Sealgate's cache holds some 11,000 of them, and knows whether one comes again for another 33,000 at most: it never has the one that comes. HAProxy has no cache.`,
    ],
  };
}
