/**
 * What it costs to serve with several workers: CPU per request of all processes together, one worker against two, in turns.
 *
 * Two workers each have a core, as they would: on one they take turns, and what a process finds in its caches is what the other left. The second
 * core is that of the load, which then is slower, but is not what is measured. Where each worker keeps a reserve of an allowance it asks
 * nobody; a quota is counted by the supervisor, one question a request, which is the dearest that a route can have.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REQUIREMENTS } from '../../scripts/provision.ts';
import { compareUnderLoad } from '../load/compare.ts';
import { LOAD_CORE, type Running } from '../load/process.ts';
import { writeRequests } from '../load/wrk.ts';
import type { BenchContext, Comparison, Section } from '../section.ts';
import { assertGuards } from './agreement.ts';
import { startIssuerStub } from './issuer-stub.ts';
import { startOrigin } from './origin.ts';
import { startSealgate, type Variant } from './sealgate.ts';
import { makeTokens, requestOf, type TokenSet } from './tokens.ts';

const TARGET = '/service-137/orders/1';
/** Of one worker's CPU. */
const AT_MOST = 1.05;

/** As many for each worker, since what a turn of an event loop finds to do together is cheaper: half as many would be compared with all. */
const CONNECTIONS_EACH = 64;

const [ONE, TWO, TOGETHER] = ['one worker', 'two workers, a core each', 'two workers on one core'];

interface Measured extends Variant {
  readonly apart?: boolean;
}

const VARIANTS: Readonly<Record<string, Measured>> = {
  [ONE]: { workers: 1 },
  [TWO]: { workers: 2, apart: true },
  [TOGETHER]: { workers: 2 },
  [`${ONE}, a quota`]: { workers: 1, quota: true },
  [`${TWO}, a quota`]: { workers: 2, apart: true, quota: true },
};

export const workers: Section = {
  name: 'workers',
  title: 'Gateway: workers that share a port',
  needs: REQUIREMENTS.bench,
  async run(context) {
    const origin = await startOrigin(context.scratch);
    const issuer = await startIssuerStub();
    try {
      const tokens = await makeTokens('ES256', issuer.url, context.scratch);
      issuer.setKeys([tokens.publicJwk]);
      return [await compareWorkers(tokens, origin, context)];
    } finally {
      issuer.close();
      await origin.stop();
    }
  },
};

async function compareWorkers(tokens: TokenSet, origin: Running, context: BenchContext): Promise<Comparison> {
  const { scratch } = context;
  const file = path.join(scratch, 'workers.requests');
  const requests = writeRequests(
    file,
    tokens.tokens.map((token) => requestOf(TARGET, token)),
  );
  const running: { server: Running; name: string; requests: string; connections: number }[] = [];
  try {
    for (const [name, variant] of Object.entries(VARIANTS)) {
      const server = await startSealgate(scratch, origin.port, tokens, variant);
      if (variant.apart === true) moveSecondWorker(server.pid);
      running.push({ server, name, requests, connections: CONNECTIONS_EACH * (variant.workers ?? 1) });
      await assertGuards(server, tokens, TARGET);
    }
    return {
      title: `${tokens.algorithm}: ${tokens.tokens.length} good tokens in rotation`,
      unit: 'µs CPU per request',
      contenders: await compareUnderLoad(running, context),
      peer: ONE,
      targets: [{ contender: TWO, bound: 'at most', limit: AT_MOST, times: ONE }],
      notes: [
        'Everything on, as in the section "gateway". All processes together, the supervisor among them, with 64 connections for each worker. The second core is also that of the load. With a quota each request asks the supervisor.',
      ],
    };
  } finally {
    for (const { server } of running) await server.stop();
  }
}

function moveSecondWorker(supervisor: number): void {
  const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ');
  execFileSync('taskset', ['-a', '-c', '-p', String(LOAD_CORE), children[1] ?? ''], { stdio: 'ignore' });
}
