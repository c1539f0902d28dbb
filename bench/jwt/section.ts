/** What a token costs: verified new, verified again, signed, refused, kept. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Algorithm } from '@sealgate/jwt';
import type { BenchContext, Comparison, Contender, Section, Target } from '../section.ts';
import { makeCase, OURS, RAW, RAW_ONE_SHOT, signTasks, verifyTasks } from './contenders.ts';
import { hotTasks } from './hot.ts';
import { malformedCases } from './malformed.ts';
import { measure, type RoundsOptions } from './rounds.ts';

const ALGORITHMS: readonly Algorithm[] = ['HS256', 'RS256', 'ES256', 'EdDSA', 'ML-DSA-44'];
const SIZES = [300, 1_000] as const;
/** Those with a promise: at most this multiple of the bare cryptography. */
const CLOSE_TO_RAW = new Set<Algorithm>(['RS256', 'ES256', 'EdDSA']);
const CLOSE = 1.15;

export const jwt: Section = {
  name: 'jwt',
  title: 'Tokens: @sealgate/jwt beside jose, fast-jwt and jsonwebtoken',
  needs: [],
  async run(context) {
    const options = context.quick
      ? { rounds: 3, slices: 2, sliceMicroseconds: 2_000 }
      : { rounds: 25, slices: 5, sliceMicroseconds: 4_000 };
    const comparisons: Comparison[] = [];
    for (const alg of ALGORITHMS) {
      for (const bytes of SIZES) comparisons.push(await verifying(alg, bytes, options, context));
    }
    for (const alg of ALGORITHMS) comparisons.push(await signing(alg, options, context));
    for (const bytes of SIZES) comparisons.push(await hot(bytes, options, context));
    comparisons.push(...(await refusing(options, context)), memory(context));
    return comparisons;
  },
};

/** Measured apart: each stage alternated with a verification, so that it meets the processor's caches as it does in a program. */
const RS256_STAGES =
  'Where the rest goes, for 300 bytes, each stage alternated with a verification of 23.1 µs, best of 250 slices of 1 ms: base64url of payload and signature 1.0 µs, reading the claims as strict JSON 2.0 µs (JSON.parse alone, without a check, takes the same), the claims themselves 0.5 µs, header, key and result 1.6 µs: 5.1 µs in all, where 1.15 x leaves 3.5.';

const nameOf = (alg: Algorithm): string => (alg === 'EdDSA' ? 'Ed25519 (EdDSA)' : alg);

async function verifying(
  alg: Algorithm,
  bytes: number,
  options: RoundsOptions,
  context: BenchContext,
): Promise<Comparison> {
  context.progress(`verify ${alg}, ${bytes} bytes`);
  const contenders = await measure(await verifyTasks(makeCase(alg, bytes)), options);
  const peers = contenders.filter(({ name }) => ![RAW, RAW_ONE_SHOT, OURS].includes(name));
  return {
    title: `Verify ${nameOf(alg)}, claims of ${bytes} bytes, never seen before`,
    unit: 'µs CPU per token',
    contenders,
    peer: RAW,
    targets: [
      ...(CLOSE_TO_RAW.has(alg) ? [closeToRaw()] : []),
      ...peers.map(({ name }): Target => ({ contender: OURS, bound: 'at most', limit: 1, times: name })),
    ],
    notes: [
      `Algorithm, issuer, audience and expiry are checked by the libraries. "${RAW}" is the cheapest call of node:crypto for the same tokens in the same rotation, on bytes decoded and a key object made beforehand: no base64url, no JSON, no claim. With a hash that is createVerify; the one-shot verify is shown beside it.`,
      ...(alg === 'RS256' ? [RS256_STAGES] : []),
    ],
  };
}

async function signing(alg: Algorithm, options: RoundsOptions, context: BenchContext): Promise<Comparison> {
  context.progress(`sign ${alg}`);
  return {
    title: `Sign ${nameOf(alg)}, claims of 300 bytes`,
    unit: 'µs CPU per token',
    contenders: await measure(await signTasks(makeCase(alg, 300)), options),
    peer: RAW,
    targets: CLOSE_TO_RAW.has(alg) ? [closeToRaw()] : [],
  };
}

const closeToRaw = (): Target => ({ contender: OURS, bound: 'at most', limit: CLOSE, times: RAW });

async function hot(bytes: number, options: RoundsOptions, context: BenchContext): Promise<Comparison> {
  context.progress(`hot, ${bytes} bytes`);
  return {
    title: `Verify a token seen before, ES256, claims of ${bytes} bytes`,
    unit: 'µs CPU per token',
    contenders: await measure(hotTasks(bytes), options),
    peer: 'fast-jwt',
    targets: [
      { contender: OURS, bound: 'at most', limit: 1 },
      { contender: OURS, bound: 'at most', limit: 1 / 3, times: 'fast-jwt' },
    ],
    notes: ['Each call gets a new string, as from the network; making it is part of every figure and is the last row.'],
  };
}

async function refusing(options: RoundsOptions, context: BenchContext): Promise<Comparison[]> {
  context.progress('malformed');
  const comparisons: Comparison[] = [];
  for (const { title, ours, fastJwt } of malformedCases()) {
    const contenders = await measure(
      [
        { ...ours, name: OURS },
        { ...fastJwt, name: 'fast-jwt' },
      ],
      options,
    );
    comparisons.push({
      title: `Refuse: ${title}`,
      unit: 'µs CPU per token',
      contenders,
      peer: 'fast-jwt',
      targets: [{ contender: OURS, bound: 'at most', limit: 2 }],
    });
  }
  return comparisons;
}

function memory(context: BenchContext): Comparison {
  const count = context.quick ? 10_000 : 100_000;
  context.progress(`memory of ${count} tokens`);
  const program = path.join(import.meta.dirname, 'memory.ts');
  const contender = (name: string, argument: string): Contender => ({
    name,
    rounds: Array.from({ length: context.quick ? 1 : 3 }, () => {
      const output = execFileSync(process.execPath, ['-C', 'source', '--expose-gc', program, argument, String(count)], {
        encoding: 'utf8',
      });
      return { value: Number(output) };
    }),
  });
  return {
    title: `Keep ${count.toLocaleString('en')} verified tokens, HS256, claims of 300 bytes`,
    unit: 'bytes of heap per token',
    contenders: [contender(OURS, 'ours'), contender('fast-jwt', 'fast-jwt')],
    peer: 'fast-jwt',
    targets: [],
    notes: [
      'Ours is keyed by the whole token, which is half of the memory: nothing can collide, and a hit needs no hash. fast-jwt keeps a digest, and computes it for each hit.',
    ],
  };
}
