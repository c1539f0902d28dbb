/** Bodies of 1 kB and 1 MB on their way through, answers and requests: CPU per request and throughput. */
import path from 'node:path';
import { compareUnderLoad } from '../load/compare.ts';
import { writeRequests } from '../load/wrk.ts';
import type { BenchContext, Comparison } from '../section.ts';
import type { Field } from './field.ts';
import { BODY_BYTES, type BodySize } from './origin.ts';
import { requestOf } from './tokens.ts';

/** The servers are warm by now; for what is particular to bodies 3 s do. */
const schedule = { rounds: 3, seconds: 2, leastWarmUpSeconds: 2, mostWarmUpSeconds: 3 };

const SIZES: readonly { size: BodySize; name: string; connections: number }[] = [
  { size: '1kb', name: '1 kB', connections: 64 },
  { size: '1mb', name: '1 MB', connections: 16 },
];
/** Few, since each is written with its body. */
const TOKENS = 16;

export async function compareBodies(field: Field, context: BenchContext): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const { size, name, connections } of SIZES) {
    const body = 'x'.repeat(BODY_BYTES[size]);
    for (const [what, make] of [
      [`answers of ${name}`, (token: string) => requestOf(`/service-137/${size}`, token)],
      [`requests of ${name}`, (token: string) => requestOf('/service-137/upload', token, body)],
    ] as const) {
      comparisons.push(await compareBody(field, { what, make, connections }, context));
    }
  }
  return comparisons;
}

interface Passing {
  readonly what: string;
  readonly make: (token: string) => string;
  readonly connections: number;
}

async function compareBody(
  { sealgate, haproxy, nodePeers, tokens }: Field,
  { what, make, connections }: Passing,
  context: BenchContext,
): Promise<Comparison> {
  const file = path.join(context.scratch, `${what.replaceAll(' ', '-')}.requests`);
  const requests = writeRequests(file, tokens.tokens.slice(0, TOKENS).map(make));
  const servers = [sealgate, haproxy, ...nodePeers.slice(0, 1)];
  return {
    title: `${tokens.algorithm}: ${what}`,
    unit: 'µs CPU per request',
    contenders: await compareUnderLoad(
      servers.map((server) => ({ server, requests, connections, schedule })),
      context,
    ),
    peer: haproxy.name,
    targets: [],
    notes: [`${connections} connections; the origin reads a request to its end before it answers.`],
  };
}
