/**
 * JWK sets (RFC 7517 section 5): the good keys of a set, and what is wrong with the others.
 *
 * One bad key must not take an issuer down, and must not slip in. Keys for encryption are no fault and no key of ours: they are
 * left out silently. A key without `alg` gets the one algorithm that its type and the caller's `algorithms` leave, never one that a
 * token names.
 */
import { ALGORITHMS, isAlgorithm, type Algorithm } from '../algorithms.ts';
import { JwtError } from '../errors.ts';
import { importKey } from './import-key.ts';
import { isPrivateJwk, type JwkLike } from './jwk.ts';
import { sameKey, type Key } from './key.ts';

/** Options of `parseJwks`. */
export interface ParseJwksOptions {
  /** What the caller accepts: settles the algorithm of keys that name none. */
  readonly algorithms?: readonly Algorithm[];
  /** Most keys in a set. Default 100. */
  readonly maxKeys?: number;
}

/** A member of a key set that was refused; the others are not affected. */
export interface RejectedKey {
  /** Position in `keys`. */
  readonly index: number;
  /** Its `kid`, where it has a usable one. */
  readonly kid?: string;
  /** Why it was refused: a code that begins with `key_`. */
  readonly error: JwtError;
}

/** A key set: what can be used of it, and what cannot (RFC 7517 section 5). */
export interface ParsedJwks {
  /** Those that can be used, in their order. */
  readonly keys: readonly Key[];
  /** Those that cannot, and why. */
  readonly rejected: readonly RejectedKey[];
}

/**
 * Reads a public key set that was parsed from JSON.
 *
 * @throws {JwtError} `jwks_malformed` when it is no key set at all. Faults of single keys are in `rejected`.
 */
export function parseJwks(value: unknown, options: ParseJwksOptions = {}): ParsedJwks {
  const { algorithms, maxKeys = 100 } = options;
  const list: unknown =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'keys')
      ? (value as { keys: unknown }).keys
      : undefined;
  if (!Array.isArray(list)) throw new JwtError('jwks_malformed', { member: 'keys', reason: 'not an array' });
  if (list.length > maxKeys)
    throw new JwtError('jwks_malformed', { member: 'keys', reason: `${list.length} keys`, limit: maxKeys });
  const found: { index: number; key: Key }[] = [];
  const rejected: RejectedKey[] = [];
  for (const [index, entry] of (list as readonly unknown[]).entries()) {
    try {
      const key = parseEntry(entry, algorithms);
      if (key !== undefined) found.push({ index, key });
    } catch (error) {
      if (!(error instanceof JwtError)) throw error;
      const kid = (entry as { kid?: unknown } | null)?.kid;
      rejected.push({ index, ...(typeof kid === 'string' ? { kid: kid.slice(0, 256) } : {}), error });
    }
  }
  return { keys: withoutDuplicates(found, rejected), rejected };
}

function parseEntry(entry: unknown, algorithms: readonly Algorithm[] | undefined): Key | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new JwtError('key_malformed', { reason: 'not a JSON object' });
  const jwk = entry as JwkLike;
  if (jwk['kty'] === 'oct' || isPrivateJwk(jwk)) throw new JwtError('key_not_public');
  if (jwk['use'] === 'enc') return undefined;
  return importKey(jwk, { alg: algorithmOf(jwk, algorithms) });
}

function algorithmOf(jwk: JwkLike, algorithms: readonly Algorithm[] | undefined): Algorithm {
  const { alg, kty, crv } = jwk;
  if (alg !== undefined) {
    if (!isAlgorithm(alg))
      throw new JwtError('key_unsupported', { member: 'alg', reason: 'not a signature algorithm known here' });
    return alg;
  }
  const fitting = (Object.keys(ALGORITHMS) as Algorithm[]).filter((name) => {
    const info = ALGORITHMS[name];
    return info.kty === kty && (!('crv' in info) || info.crv === crv);
  });
  if (fitting.length === 0) throw new JwtError('key_unsupported', { member: 'kty' });
  if (fitting.length === 1) return fitting[0] as Algorithm;
  const chosen = algorithms?.filter((name) => fitting.includes(name)) ?? [];
  if (chosen.length === 1) return chosen[0] as Algorithm;
  // A curve without a name of its own in `alg` comes from before RFC 9864, when it could only mean EdDSA.
  if (algorithms === undefined && kty === 'OKP') return 'EdDSA';
  throw new JwtError('key_unsupported', {
    member: 'alg',
    reason: `missing; name exactly one of ${fitting.join(', ')} in \`algorithms\``,
  });
}

/** Two different keys of one id: neither is used, since which one is meant would be a guess. A repeated key is kept once. */
function withoutDuplicates(found: readonly { index: number; key: Key }[], rejected: RejectedKey[]): readonly Key[] {
  const kept: Key[] = [];
  for (const { index, key } of found) {
    const others = found.filter((other) => other.index !== index && other.key.kid === key.kid && key.kid !== undefined);
    const clash = others.some((other) => other.index < index || !sameKey(other.key, key));
    if (!clash) kept.push(key);
    else
      rejected.push({
        index,
        ...(key.kid === undefined ? {} : { kid: key.kid }),
        error: new JwtError('key_duplicate_id', { member: 'kid' }),
      });
  }
  return kept;
}
