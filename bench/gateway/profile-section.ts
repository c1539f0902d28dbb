/**
 * Where a request's CPU goes: V8's own profile of the gateway under load, by the folders of the code, for tokens that come again and for tokens that
 * never did before. What it adds by looking is in it, so that shares are given, not times.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { REQUIREMENTS } from '../../scripts/provision.ts';
import type { Running } from '../load/process.ts';
import { runLoad, writeRequests } from '../load/wrk.ts';
import type { BenchContext, Comparison, Section } from '../section.ts';
import { startIssuerStub } from './issuer-stub.ts';
import { startOrigin } from './origin.ts';
import { startSealgate } from './sealgate.ts';
import { makeTokens, requestOf, TOKENS, type TokenSet } from './tokens.ts';

const TARGET = '/service-137/orders/1';
/** Several times what the cache holds and remembers. */
const FIRST_SEEN = 40_000;
const SECONDS = 20;

/** Parts of the work, by the address of the code; the first that fits. */
const PARTS: readonly (readonly [name: string, of: RegExp])[] = [
  ['signature (node:crypto)', /^node:internal\/crypto\/(?:sig|keys|hash)/u],
  ['token: parser, verifier, cache', /packages\/jwt\//u],
  ['decision, principal, revocation', /packages\/guard\//u],
  ["client's side: HTTP, exchange", /gateway\/src\/(?:server|connection|tls)\//u],
  ["upstream's side: connections, relay", /gateway\/src\/upstream\//u],
  ['path, headers, route', /gateway\/src\/(?:request|routing)\//u],
  ['limits', /gateway\/src\/limits\//u],
  ['identity upstream', /gateway\/src\/identity\//u],
  ['access log, metrics', /gateway\/src\/observe\//u],
  ["Node's streams and sockets", /^node:/u],
  ['other code, most of it at the start', /^file:/u],
];
const NATIVE = 'native: system calls, strings, compiled code without a name';
const COLLECTOR = 'garbage collector';
const ALL = 'all';

export const profile: Section = {
  name: 'profile',
  title: 'Gateway: where a request’s CPU goes',
  needs: REQUIREMENTS.bench,
  async run(context) {
    const origin = await startOrigin(context.scratch);
    const issuer = await startIssuerStub();
    try {
      const tokens = await makeTokens('RS256', issuer.url, context.scratch, FIRST_SEEN);
      issuer.setKeys([tokens.publicJwk]);
      const rotation = { ...tokens, tokens: tokens.tokens.slice(0, TOKENS) };
      return [
        await profileUnder(`${TOKENS} good tokens in rotation`, rotation, origin, context),
        await profileUnder('every token seen for the first time', tokens, origin, context),
      ];
    } finally {
      issuer.close();
      await origin.stop();
    }
  },
};

async function profileUnder(
  what: string,
  tokens: TokenSet,
  origin: Running,
  { quick, scratch, progress }: BenchContext,
): Promise<Comparison> {
  progress(`  ${what}`);
  const folder = path.join(scratch, what.replaceAll(' ', '-'));
  mkdirSync(folder);
  const requests = writeRequests(
    path.join(folder, 'requests'),
    tokens.tokens.map((token) => requestOf(TARGET, token)),
  );
  const seconds = quick ? 2 : SECONDS;
  const nodeOptions = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  const server = await startSealgate(folder, origin.port, tokens, { nodeOptions });
  await runLoad({
    port: server.port,
    requests,
    from: 0,
    seconds,
    connections: 64,
    expect: 'accepted',
  });
  await server.stop();
  const shares = readShares(folder);
  return {
    title: `RS256: ${what}`,
    unit: '% of the main thread’s time',
    contenders: [...shares].map(([name, share]) => ({ name, rounds: [{ value: share * 100 }] })),
    peer: ALL,
    targets: [],
    notes: [
      `${seconds} s of load over 64 connections, its start and the compiling included. A function’s time is its own; what it has Node or the system do for it counts where that is.`,
    ],
  };
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Shares of the time that was not idle, 0 to 1, the largest first. @throws {Error} when there is no profile. */
function readShares(folder: string): ReadonlyMap<string, number> {
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error('the gateway left no profile');
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as CpuProfile;
  const partOf = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame.functionName, callFrame.url)]));
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const part = partOf.get(id);
    if (part === undefined) continue;
    const time = timeDeltas[index] ?? 0;
    times.set(part, (times.get(part) ?? 0) + time);
    total += time;
  }
  const ordered = [...times].toSorted(([, one], [, other]) => other - one);
  return new Map([[ALL, 1], ...ordered.map(([name, time]) => [name, time / total] as const)]);
}

/** Undefined while nothing is done. */
function nameOf(functionName: string, url: string): string | undefined {
  if (functionName === '(idle)' || functionName === '(root)') return undefined;
  if (functionName === '(garbage collector)') return COLLECTOR;
  return PARTS.find(([, of]) => of.test(url))?.[0] ?? NATIVE;
}
