/** A token seen before: the verified-token caches, and a plain `Map` as the floor. */
import { createVerifier as createFastVerifier } from 'fast-jwt';
import { createVerifier, exportPublicPem, publicKey } from '@sealgate/jwt';
import { AUDIENCE, ISSUER, makeCase, OURS } from './contenders.ts';
import type { Task } from './rounds.ts';

export function hotTasks(bytes: number): Task[] {
  const { key, token } = makeCase('ES256', bytes);
  const rules = { issuer: ISSUER, audience: AUDIENCE, keys: publicKey(key), algorithms: ['ES256'] as const };
  const ours = createVerifier({ ...rules, cache: true });
  const fast = createFastVerifier({
    key: exportPublicPem(key),
    algorithms: ['ES256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    cache: 10_000,
  });
  const map = new Map([[token, {}]]);
  // A server never sees the same string object twice: each call gets a copy whose hash is not known yet.
  const fresh = freshCopies(token);
  if (!ours.check(token).ok || !ours.check(fresh()).ok) throw new Error('the token does not verify');
  fast(token);
  return [
    { name: OURS, call: () => ours.check(fresh()) },
    { name: 'fast-jwt', call: () => fast(fresh()) as unknown },
    { name: 'a Map by token', call: () => map.get(fresh()) },
    { name: 'making the string', call: fresh },
  ];
}

/** Gives copies of a text as the HTTP parser would: each a new flat string. */
function freshCopies(text: string): () => string {
  const bytes = Buffer.from(text, 'latin1');
  return () => bytes.toString('latin1');
}
