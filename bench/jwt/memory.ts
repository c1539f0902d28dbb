/**
 * Heap of a cache full of tokens. Run as a program of its own, so that nothing else is in the heap:
 * `node -C source --expose-gc bench/jwt/memory.ts ours|fast-jwt COUNT` prints bytes for each token.
 */
import { createVerifier as createFastVerifier } from 'fast-jwt';
import { createVerifier, exportSecret, generateKey, signJwt } from '@sealgate/jwt';
import { AUDIENCE, claimsOf, ISSUER } from './contenders.ts';

const [contender = 'ours', count = '100000'] = process.argv.slice(2);
const total = Number(count);
const key = generateKey('HS256');
const claims = claimsOf(300);
const tokenOf = (index: number): string => signJwt({ ...claims, jti: `token-${index}` }, { key });
const copy = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

const heap = (): number => {
  for (let round = 0; round < 5; round++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const verify = contender === 'ours' ? oursWithRoom() : fastWithRoom();
verify(tokenOf(-1));
const before = heap();
for (let index = 0; index < total; index++) verify(copy(tokenOf(index)));
const after = heap();
// Proof that they are all there, the first one too.
verify(copy(tokenOf(0)));
process.stdout.write(`${((after - before) / total).toFixed(0)}\n`);

function oursWithRoom(): (token: string) => void {
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: key,
    algorithms: ['HS256'],
    cache: { maxBytes: 2 ** 40 },
  });
  return (token) => {
    // A token is kept from its second time on.
    verifier.check(token);
    if (!verifier.check(token).ok) throw new Error('refused');
    if (verifier.cache.size > total + 1) throw new Error('not cached');
  };
}

function fastWithRoom(): (token: string) => void {
  const verifier = createFastVerifier({
    key: Buffer.from(exportSecret(key)),
    algorithms: ['HS256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    cache: total + 10,
    cacheTTL: 3_600_000,
  });
  return (token) => void verifier(token);
}
