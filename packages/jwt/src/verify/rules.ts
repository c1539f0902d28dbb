/**
 * What a verifier asks of a token, as options and as the checked form that the verifier works on.
 *
 * Options are the programmer's: whatever is wrong with them is a `TypeError` when the verifier is made, never later.
 */
import { isAlgorithm, type Algorithm } from '../algorithms.ts';
import type { Claims } from '../claims/claims.ts';
import type { ClaimsSchema } from '../claims/standard-schema.ts';
import { normaliseTyp } from '../claims/typ.ts';
import type { Key } from '../keys/key.ts';
import { algorithmSet, LocalKeys } from '../jws/key-selection.ts';
import type { JoseHeader } from '../parse/header.ts';

/** Keys that may have to be fetched. `createRemoteKeys` makes one; anything with these two methods will do. */
export interface KeyResolver {
  /**
   * The key for this id and algorithm, or `undefined` when the issuer has none. Rejects with `JwtError` when it cannot be known.
   *
   * @param source - Where the token came from (an address, a client), so that look-ups of unknown ids are rationed fairly.
   */
  find(kid: string | undefined, alg: Algorithm, source?: string): Key | undefined | Promise<Key | undefined>;
  /** False once a key has been withdrawn: its cached tokens go with it. Asked on every cache hit. */
  isCurrent(key: Key): boolean;
}

/** What is asked of the tokens of one issuer. */
export interface TokenRules<
  Keys extends Key | readonly Key[] | KeyResolver = Key | readonly Key[] | KeyResolver,
  Output = Claims,
> {
  /** Exact value of `iss`. */
  readonly issuer: string;
  /** Exact values of `aud`, of which the token must have one. */
  readonly audience: string | readonly string[];
  /** The claim that holds the audience. Default `aud`; `client_id` for an issuer that writes no `aud`, such as Cognito. */
  readonly audienceClaim?: 'aud' | 'client_id';
  /** Whose signatures count: a key, several of which the `kid` chooses, or a remote set. */
  readonly keys: Keys;
  /** The algorithms accepted. Always named: never taken from the token, nor from the keys. */
  readonly algorithms: readonly Algorithm[];
  /** Kinds of token accepted, as in the `typ` header. Default: `JWT`, or no `typ`. */
  readonly typ?: string | readonly string[];
  /** How far the clocks may differ, seconds, 0 to 300. Default 0. */
  readonly clockSkewSeconds?: number;
  /** How long ago the token may have been issued, seconds. Default: as long as `exp` allows. */
  readonly maxAgeSeconds?: number;
  /** Claims that must be present, beside `iss`, `aud` and `exp`, which always must. */
  readonly requiredClaims?: readonly string[];
  /** Whether `scope` may be an array of strings. Default: a string, as RFC 8693 section 4.2 has it. */
  readonly scopeMayBeList?: boolean;
  /** A schema (zod, valibot, ... by Standard Schema) that the claims must satisfy; types the result. Synchronous. */
  readonly claims?: ClaimsSchema<Output>;
  /** Further rules of a profile: each throws `JwtError` to refuse. Depends on its arguments alone: verdicts are cached. */
  readonly profileRules?: readonly ((claims: Claims, header: JoseHeader) => void)[];
}

/** The rules of one issuer, checked. */
export interface ResolvedRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly audienceClaim: 'aud' | 'client_id';
  readonly scopeMayBeList: boolean;
  readonly local: LocalKeys | undefined;
  readonly resolver: KeyResolver | undefined;
  readonly algorithms: ReadonlySet<string>;
  readonly typ: readonly string[] | undefined;
  readonly clockSkewSeconds: number;
  readonly maxAgeSeconds: number | undefined;
  readonly requiredClaims: readonly string[];
  readonly schema: ClaimsSchema<unknown> | undefined;
  readonly profileRules: readonly ((claims: Claims, header: JoseHeader) => void)[];
}

const RULE_NAMES: ReadonlySet<string> = new Set<keyof TokenRules>([
  'issuer',
  'audience',
  'audienceClaim',
  'keys',
  'algorithms',
  'typ',
  'clockSkewSeconds',
  'maxAgeSeconds',
  'requiredClaims',
  'scopeMayBeList',
  'claims',
  'profileRules',
]);

/** @throws {TypeError} for rules that say too little or something impossible. */
export function resolveRules<Output>(
  rules: TokenRules<Key | readonly Key[] | KeyResolver, Output>,
  alsoAllowed: ReadonlySet<string>,
): ResolvedRules {
  for (const name of Object.keys(rules)) {
    if (!RULE_NAMES.has(name) && !alsoAllowed.has(name))
      throw new TypeError(`createVerifier: there is no option "${name}"`);
  }
  const { issuer, keys, maxAgeSeconds, clockSkewSeconds = 0 } = rules;
  if (typeof issuer !== 'string' || issuer === '')
    throw new TypeError('createVerifier: `issuer` must be a non-empty string');
  const audience = strings('audience', rules.audience);
  const audienceClaim = rules.audienceClaim ?? 'aud';
  if (audienceClaim !== 'aud' && audienceClaim !== 'client_id')
    throw new TypeError('createVerifier: `audienceClaim` must be aud or client_id');
  const algorithms = algorithmSet(rules.algorithms, isAlgorithm);
  if (!(typeof clockSkewSeconds === 'number' && clockSkewSeconds >= 0 && clockSkewSeconds <= 300))
    throw new TypeError('createVerifier: `clockSkewSeconds` must be 0 to 300');
  if (maxAgeSeconds !== undefined && !(Number.isFinite(maxAgeSeconds) && maxAgeSeconds > 0)) {
    throw new TypeError('createVerifier: `maxAgeSeconds` must be a positive number');
  }
  const resolver = isResolver(keys) ? keys : undefined;
  const local = isResolver(keys) ? undefined : new LocalKeys(keys);
  if (local !== undefined && ![...local].some((key) => algorithms.has(key.alg))) {
    throw new TypeError('createVerifier: none of the `keys` is for one of the `algorithms`');
  }
  return {
    issuer,
    audience,
    audienceClaim,
    scopeMayBeList: rules.scopeMayBeList ?? false,
    local,
    resolver,
    algorithms,
    typ: rules.typ === undefined ? undefined : strings('typ', rules.typ).map(normaliseTyp),
    clockSkewSeconds,
    maxAgeSeconds,
    requiredClaims: rules.requiredClaims === undefined ? [] : [...rules.requiredClaims],
    schema: rules.claims,
    profileRules: rules.profileRules ?? [],
  };
}

function isResolver(keys: Key | readonly Key[] | KeyResolver | undefined): keys is KeyResolver {
  return typeof keys === 'object' && keys !== null && 'find' in keys && 'isCurrent' in keys && !Array.isArray(keys);
}

function strings(name: string, value: string | readonly string[]): readonly string[] {
  const list: readonly unknown[] = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list) || list.length === 0 || !list.every((entry) => typeof entry === 'string' && entry !== '')) {
    throw new TypeError(`createVerifier: \`${name}\` must be a non-empty string, or an array of them`);
  }
  return [...(list as readonly string[])];
}
