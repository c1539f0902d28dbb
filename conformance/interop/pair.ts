/**
 * One cell of the matrix: one library and one algorithm, both ways, with tokens that are good and tokens that were changed.
 */
import { isDeepStrictEqual } from 'node:util';
import { AUDIENCE, type Claims, type KeyMaterial, type Library } from './library.ts';
import { ISSUER, signOurs, verifyOurs } from './ours.ts';

export interface PairResult {
  /** They verify what we sign, and read the same claims. */
  readonly theyVerify: Verdict;
  /** We verify what they sign, and read the same claims. */
  readonly weVerify: Verdict;
  /** They refuse what we signed and someone changed. `undefined` when they do not verify at all. */
  readonly theyRefuse: Verdict | undefined;
  /** We refuse what they signed and someone changed. `undefined` when they do not sign. */
  readonly weRefuse: Verdict | undefined;
}

/** `'ok'`, or what went wrong. */
export type Verdict = 'ok' | { readonly wrong: string };

export function works({ theyVerify, weVerify, theyRefuse, weRefuse }: PairResult): boolean {
  return [theyVerify, weVerify, theyRefuse, weRefuse].every((verdict) => verdict === 'ok');
}

/** True when nothing but refusals came back: the library does not have the algorithm. */
export function isAbsent({ theyVerify, weVerify }: PairResult): boolean {
  return theyVerify !== 'ok' && weVerify !== 'ok';
}

/** Tries one pair with as many tokens as the library's cost allows. */
export async function tryPair(library: Library, key: KeyMaterial): Promise<PairResult> {
  const theyVerify = await verdict(async () => {
    for (let turn = 0; turn < library.tokens; turn++) {
      const claims = makeClaims(turn);
      assertSame(claims, await library.verify(key, signOurs(key, claims)));
    }
  });
  const weVerify = await verdict(async () => {
    for (let turn = 0; turn < library.tokens; turn++) {
      const claims = makeClaims(turn);
      assertSame(claims, verifyOurs(key, await library.sign(key, claims)));
    }
  });
  const theyRefuse = async () => {
    for (const [change, token] of changed(signOurs(key, makeClaims(0)))) {
      await assertRefuses(change, () => library.verify(key, token));
    }
  };
  const weRefuse = async () => {
    for (const [change, token] of changed(await library.sign(key, makeClaims(0)))) {
      await assertRefuses(change, () => verifyOurs(key, token));
    }
  };
  return {
    theyVerify,
    weVerify,
    theyRefuse: theyVerify === 'ok' ? await verdict(theyRefuse) : undefined,
    weRefuse: weVerify === 'ok' ? await verdict(weRefuse) : undefined,
  };
}

/** Claims with what encoders get wrong: text beyond ASCII, nesting, empty values, large and negative numbers. */
function makeClaims(turn: number): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: ISSUER,
    sub: `user-${turn}`,
    aud: AUDIENCE,
    iat: now,
    exp: now + 600,
    jti: `token-${turn}`,
    scope: 'orders:read orders:write',
    name: 'Zoë “Ω” 漢字 😀 </script> \\ " \n',
    nested: { list: [1, -2, 2.5, true, false, ''], deeper: { empty: {} } },
    large: 2 ** 53 - 1,
  };
}

function assertSame(signed: Claims, read: Claims): void {
  const differing = Object.keys({ ...signed, ...read }).filter(
    (name) => !isDeepStrictEqual(signed[name], comparable(name, read[name])),
  );
  if (differing.length > 0) throw new Error(`read other claims than were signed: ${differing.join(', ')}`);
}

/** RFC 7519 section 4.1.3: one audience may be written alone or in an array, and some readers always give the array. */
function comparable(name: string, value: unknown): unknown {
  return name === 'aud' && Array.isArray(value) && value.length === 1 ? value[0] : plain(value);
}

/** Without the prototypes and frozenness that a reader may add, which JSON does not have. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** One good token, changed: each of these must be refused by whoever verifies. */
function changed(token: string): [string, string][] {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  return [
    ['first character of the signature', `${header}.${payload}.${flip(signature, 0)}`],
    ['middle of the signature', `${header}.${payload}.${flip(signature, signature.length >> 1)}`],
    ['another subject', `${header}.${forged}.${signature}`],
    ['no signature', `${header}.${payload}.`],
    ['algorithm none', `${unsigned}.${payload}.`],
  ];
}

async function assertRefuses(change: string, verify: () => unknown): Promise<void> {
  try {
    await verify();
  } catch {
    return;
  }
  throw new Error(`accepted a token with a change: ${change}`);
}

async function verdict(work: () => Promise<void>): Promise<Verdict> {
  try {
    await work();
    return 'ok';
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}
