/**
 * `createVerifier`: from a token to claims that can be relied on (RFC 7519 section 7.2, RFC 8725).
 *
 * The order is fixed: form, issuer, kind and algorithm, key by (issuer, id), signature, then claims. Whether a valid token may do
 * what it asks (revocation, scopes) is decided after this, by `@sealgate/guard`.
 */
import { ALGORITHMS, type Algorithm } from '../algorithms.ts';
import { claimOf, type Claims } from '../claims/claims.ts';
import { deepFreeze } from '../claims/freeze.ts';
import { applySchema } from '../claims/standard-schema.ts';
import { assertAudience, assertRequiredClaims, assertStringClaims } from '../claims/strings.ts';
import { assertTimeClaims, readClock, validityWindow } from '../claims/time.ts';
import { assertTyp } from '../claims/typ.ts';
import { JwtError, orThrow, refusal } from '../errors.ts';
import type { Key } from '../keys/key.ts';
import { verifySignature } from '../jws/signature.ts';
import { parsePart, signatureBytes, splitCompact, tokenBytes } from '../parse/compact.ts';
import { assertJwsHeader, type JoseHeader } from '../parse/header.ts';
import { resolveLimits, type ParseLimits } from '../parse/limits.ts';
import type { Accepted, Outcome, VerifiedJwt } from './outcome.ts';
import { resolveRules, type KeyResolver, type ResolvedRules, type TokenRules } from './rules.ts';
import { fingerprintOf, REFUSED_COST, TokenCache, VERIFIED_COST } from './token-cache.ts';

type LocalKeySource = Key | readonly Key[];
type AnyKeySource = LocalKeySource | KeyResolver;

interface CommonOptions {
  /**
   * Remember verified tokens, and with a third of the room those that can never be accepted, from their second time on. `true` is 24 MiB; default: off.
   * Verdicts are the same with and without.
   */
  readonly cache?: boolean | { readonly maxBytes: number };
  /** The clock, seconds since 1970. Default: the system's. */
  readonly now?: () => number;
  /** Bounds on tokens. */
  readonly limits?: Partial<ParseLimits>;
}

/** Rules for one issuer, or `issuers` for several, each with its own keys and rules. */
export type VerifierOptions<Keys extends AnyKeySource = AnyKeySource, Output = Claims> = CommonOptions &
  (TokenRules<Keys, Output> | { readonly issuers: readonly TokenRules<Keys, Output>[] });

/** Verifies tokens whose keys are at hand: answers at once. */
export interface Verifier<Output = Claims> {
  /** @throws {JwtError} for every token that is not acceptable, with the reason as `code`. */
  verify(token: string): VerifiedJwt<Output>;
  /** The same verdict as a value: for paths where refusing is ordinary. */
  check(token: string): Outcome<Output>;
  /** What it remembers; always empty without `cache`. */
  readonly cache: CacheView;
}

/** Verifies tokens whose keys may have to be fetched. */
export interface RemoteVerifier<Output = Claims> {
  /**
   * @param source - Where the token came from, for fair rationing of look-ups of unknown keys.
   * @throws {JwtError} (as a rejection) for every token that is not acceptable, with the reason as `code`.
   */
  verify(token: string, source?: string): Promise<VerifiedJwt<Output>>;
  /** The same verdict as a value; a promise only when a key must be fetched. */
  check(token: string, source?: string): Outcome<Output> | Promise<Outcome<Output>>;
  /** What it remembers; always empty without `cache`. */
  readonly cache: CacheView;
}

/** The verified-token cache, from outside. */
export interface CacheView {
  /** Number of entries. */
  readonly size: number;
  /** Estimated size, bytes. */
  readonly bytes: number;
  /** Removes tokens that have expired or whose key is gone. They would never be served again; this frees their memory. */
  sweep(): void;
  /** Forgets everything. */
  clear(): void;
}

/**
 * Makes a verifier.
 *
 * @throws {TypeError} for options that say too little (no key, no algorithm, no issuer, no audience) or something impossible.
 */
export function createVerifier<Output = Claims>(options: VerifierOptions<LocalKeySource, Output>): Verifier<Output>;
export function createVerifier<Output = Claims>(options: VerifierOptions<AnyKeySource, Output>): RemoteVerifier<Output>;
export function createVerifier<Output = Claims>(
  options: VerifierOptions<AnyKeySource, Output>,
): Verifier<Output> | RemoteVerifier<Output> {
  const rules = 'issuers' in options ? resolveIssuers(options) : [resolveRules(options, COMMON_NAMES)];
  const limits = resolveLimits(options.limits);
  const now = options.now ?? (() => Date.now() / 1_000);
  const engine = new VerifierEngine<Output>(rules, limits, now, cacheBytes(options.cache));
  return rules.some((rule) => rule.resolver !== undefined) ? remoteVerifier(engine) : localVerifier(engine);
}

const COMMON_NAMES: ReadonlySet<string> = new Set<keyof CommonOptions>(['cache', 'now', 'limits']);

function resolveIssuers<Output>(
  options: CommonOptions & { readonly issuers: readonly TokenRules<AnyKeySource, Output>[] },
): ResolvedRules[] {
  for (const name of Object.keys(options)) {
    if (name !== 'issuers' && !COMMON_NAMES.has(name))
      throw new TypeError(`createVerifier: "${name}" belongs into each of \`issuers\``);
  }
  const rules = options.issuers.map((entry) => resolveRules(entry, new Set()));
  if (rules.length === 0) throw new TypeError('createVerifier: `issuers` is empty');
  if (new Set(rules.map((rule) => rule.issuer)).size !== rules.length)
    throw new TypeError('createVerifier: an issuer is named twice');
  return rules;
}

/** Bytes; 0 for none. */
function cacheBytes(option: CommonOptions['cache']): number {
  if (option === undefined || option === false) return 0;
  const maxBytes = option === true ? 24 * 1_048_576 : option.maxBytes;
  if (!(maxBytes >= 1_024)) throw new TypeError('createVerifier: `cache.maxBytes` must be at least 1,024');
  return maxBytes;
}

function localVerifier<Output>(engine: VerifierEngine<Output>): Verifier<Output> {
  // With local keys alone, the engine never waits.
  const check = (token: string): Outcome<Output> => engine.check(token, undefined) as Outcome<Output>;
  return Object.freeze({ check, verify: (token: string) => verifiedOrThrow(check(token)), cache: engine.cacheView() });
}

function remoteVerifier<Output>(engine: VerifierEngine<Output>): RemoteVerifier<Output> {
  return Object.freeze({
    check: (token: string, source?: string) => engine.check(token, source),
    verify: async (token: string, source?: string) => verifiedOrThrow(await engine.check(token, source)),
    cache: engine.cacheView(),
  });
}

function verifiedOrThrow<Output>(outcome: Outcome<Output>): VerifiedJwt<Output> {
  if (outcome.ok) return { header: outcome.header, claims: outcome.claims };
  // Refusals are made without a trace; whoever lets one be thrown wants to know from where.
  Error.captureStackTrace(outcome.error, verifiedOrThrow);
  throw outcome.error;
}

interface CacheEntry<Output> {
  readonly token: string;
  readonly outcome: Accepted<Output>;
  readonly key: Key;
  readonly resolver: KeyResolver | undefined;
  /** Accepted while `from <= now < until`, seconds. */
  readonly from: number;
  readonly until: number;
}

/** A token whose form is right and whose issuer is known; its signature is not verified yet. */
interface Candidate {
  readonly token: string;
  /** Of the token, for the caches; 0 without. */
  readonly fingerprint: number;
  readonly header: JoseHeader;
  /** The header as written, unless it has been seen on a verified token before. */
  readonly newHeaderPart: string | undefined;
  readonly claims: Claims;
  readonly inputLength: number;
  readonly rules: ResolvedRules;
}

/** A token that can never be accepted: its form is wrong, or its signature for a key. */
interface Hopeless {
  readonly token: string;
  readonly error: JwtError;
  /** The key that found the signature wrong, and what it was looked for by: another key would have to look again. */
  readonly by: (Pick<Candidate, 'header' | 'rules'> & { readonly key: Key }) | undefined;
}

/** One part in this many of the cache is for tokens that can never be accepted. */
const HOPELESS_SHARE = 3;

/** Header parts seen on verified tokens; an issuer has one for each key. */
const MAX_KNOWN_HEADERS = 64;

class VerifierEngine<Output> {
  readonly #only: ResolvedRules | undefined;
  readonly #byIssuer: ReadonlyMap<string, ResolvedRules>;
  readonly #limits: ParseLimits;
  readonly #now: () => number;
  readonly #cache: TokenCache<CacheEntry<Output>> | undefined;
  /** Why tokens were refused, where that never changes. Apart, so that no flood of them displaces good ones. */
  readonly #hopeless: TokenCache<Hopeless> | undefined;
  readonly #knownHeaders = new Map<string, JoseHeader>();

  constructor(rules: readonly ResolvedRules[], limits: ParseLimits, now: () => number, cacheBytes: number) {
    this.#only = rules.length === 1 ? rules[0] : undefined;
    this.#byIssuer = new Map(rules.map((rule) => [rule.issuer, rule]));
    this.#limits = limits;
    this.#now = now;
    if (cacheBytes === 0) return;
    this.#cache = new TokenCache(cacheBytes - cacheBytes / HOPELESS_SHARE, VERIFIED_COST);
    this.#hopeless = new TokenCache(cacheBytes / HOPELESS_SHARE, REFUSED_COST);
  }

  check(token: string, source: string | undefined): Outcome<Output> | Promise<Outcome<Output>> {
    try {
      const fingerprint = this.#cache === undefined || typeof token !== 'string' ? 0 : fingerprintOf(token);
      const known = this.#cache?.get(fingerprint, token);
      if (known !== undefined) {
        const now = readClock(this.#now);
        if (now >= known.from && now < known.until && known.resolver?.isCurrent(known.key) !== false)
          return known.outcome;
        this.#cache?.delete(fingerprint);
      }
      const hopeless = this.#hopeless?.get(fingerprint, token);
      const by = hopeless?.by;
      const knownFound = by === undefined ? undefined : findKey(by, source);
      // What is looked at before the key does not change, and the key is the one that found the signature wrong.
      if (hopeless !== undefined && knownFound === by?.key) return { ok: false, error: copyOf(hopeless.error) };
      const candidate = this.#read(token, fingerprint);
      if (candidate instanceof JwtError) return this.#giveUp(token, fingerprint, candidate, undefined);
      const found = by === undefined ? findKey(candidate, source) : knownFound;
      if (found instanceof Promise) return this.#decideLater(candidate, found);
      return this.#decide(candidate, found);
    } catch (error) {
      return refused(error);
    }
  }

  async #decideLater(candidate: Candidate, found: Promise<Key | undefined>): Promise<Outcome<Output>> {
    try {
      return this.#decide(candidate, await found);
    } catch (error) {
      return refused(error);
    }
  }

  /** Form, issuer, algorithm, kind. Nothing is trusted yet. Faults of form come as values: they cost the least so. */
  #read(token: string, fingerprint: number): Candidate | JwtError {
    const limits = this.#limits;
    const split = splitCompact(token, limits);
    if (split instanceof JwtError) return split;
    const { first, second } = split;
    const bytes = tokenBytes(token);
    if (bytes instanceof JwtError) return bytes;
    const signature = signatureBytes(token, second);
    if (signature instanceof JwtError) return signature;
    const headerPart = token.slice(0, first);
    const known = this.#knownHeaders.get(headerPart);
    const header = known ?? parseHeader(bytes, first, limits);
    if (header instanceof JwtError) return header;
    const only = this.#only;
    if (only !== undefined && !only.algorithms.has(header.alg))
      return refusal('algorithm_not_allowed', { member: 'alg' });
    // What is cut off costs no reading of claims. RSA is as long as its key, which is not known yet.
    const info = ALGORITHMS[header.alg as Algorithm];
    if (only !== undefined && info.family !== 'rsa' && signature.length !== info.signatureBytes)
      return refusal('signature_invalid');
    const claims = parsePart(bytes, first + 1, second, 'payload', limits);
    if (claims instanceof JwtError) return claims;
    const rules = this.#rulesFor(claims);
    if (only === undefined && !rules.algorithms.has(header.alg))
      return refusal('algorithm_not_allowed', { member: 'alg' });
    assertTyp(header.typ, rules.typ);
    return {
      token,
      fingerprint,
      header,
      newHeaderPart: known === undefined ? headerPart : undefined,
      claims,
      inputLength: second,
      rules,
    };
  }

  #rulesFor(claims: Claims): ResolvedRules {
    const iss: unknown = claimOf(claims, 'iss');
    if (iss === undefined) throw refusal('claim_missing', { claim: 'iss' });
    if (typeof iss !== 'string') throw refusal('claim_malformed', { claim: 'iss', reason: 'not a string' });
    const rules = this.#byIssuer.get(iss);
    if (rules === undefined) throw refusal('issuer_unknown', { claim: 'iss' });
    return rules;
  }

  /** Key, signature, claims. */
  #decide(candidate: Candidate, key: Key | undefined): Outcome<Output> {
    const { token, fingerprint, header, claims, rules } = candidate;
    // The key's own algorithm decides what is computed; a resolver's word that it fits is not enough.
    if (key === undefined || key.alg !== header.alg) throw refusal('key_unknown', { member: 'kid' });
    // Asked for again: finding the key may have run foreign code, which may have verified another token meanwhile.
    const signature = orThrow(signatureBytes(token, candidate.inputLength));
    const input = orThrow(tokenBytes(token)).subarray(0, candidate.inputLength);
    if (!verifySignature(key, input, signature)) {
      return this.#giveUp(token, fingerprint, refusal('signature_invalid'), { header, rules, key });
    }
    this.#rememberHeader(candidate);
    assertTimeClaims(claims, readClock(this.#now), rules);
    assertAudience(claims, rules.audience, rules.audienceClaim);
    assertStringClaims(claims, rules.scopeMayBeList);
    if (rules.requiredClaims.length > 0) assertRequiredClaims(claims, rules.requiredClaims);
    for (const rule of rules.profileRules) rule(claims, header);
    const keeps = this.#cache?.meets(fingerprint) === true;
    const own = keeps ? ownClaims(candidate) : claims;
    const output = (rules.schema === undefined ? own : applySchema(rules.schema, own)) as Output;
    const accepted: Accepted<Output> = {
      ok: true,
      header,
      claims: output,
      kid: key.kid ?? header.kid,
      issuer: rules.issuer,
      expiresAtSeconds: claims.exp as number,
      cached: false,
    };
    if (keeps) {
      const { from, until } = validityWindow(claims, rules);
      const outcome = Object.freeze({ ...accepted, cached: true });
      const entry = { token: ownText(token), outcome, key, resolver: rules.resolver, from, until };
      this.#cache?.set(fingerprint, entry);
    }
    return Object.freeze(accepted);
  }

  /** Refuses for good. */
  #giveUp(token: string, fingerprint: number, error: JwtError, by: Hopeless['by']): Outcome<Output> {
    const hopeless = this.#hopeless;
    const mayBeKept = typeof token === 'string' && token.length <= this.#limits.tokenChars;
    if (mayBeKept && hopeless?.meets(fingerprint) === true) {
      const own = ownText(token);
      if (own === token) hopeless.set(fingerprint, { token: own, error: copyOf(error), by });
    }
    return { ok: false, error };
  }

  #rememberHeader({ newHeaderPart, header }: Candidate): void {
    if (newHeaderPart === undefined) return;
    if (this.#knownHeaders.size >= MAX_KNOWN_HEADERS) this.#knownHeaders.clear();
    this.#knownHeaders.set(newHeaderPart, header);
  }

  cacheView(): CacheView {
    const cache = this.#cache;
    const hopeless = this.#hopeless;
    const now = this.#now;
    return {
      get size() {
        return (cache?.size ?? 0) + (hopeless?.size ?? 0);
      },
      get bytes() {
        return (cache?.bytes ?? 0) + (hopeless?.bytes ?? 0);
      },
      sweep: () => {
        const time = readClock(now);
        cache?.sweep((entry) => !(time < entry.until) || entry.resolver?.isCurrent(entry.key) === false);
        hopeless?.sweep(({ by }) => by?.rules.resolver?.isCurrent(by.key) === false);
      },
      clear: () => {
        cache?.clear();
        hopeless?.clear();
      },
    };
  }
}

function findKey(
  { header, rules }: Pick<Candidate, 'header' | 'rules'>,
  source: string | undefined,
): Key | undefined | Promise<Key | undefined> {
  if (rules.local !== undefined) return rules.local.find(header.kid, header.alg);
  return (rules.resolver as KeyResolver).find(header.kid, header.alg as Algorithm, source);
}

function parseHeader(bytes: Uint8Array, end: number, limits: ParseLimits): JoseHeader | JwtError {
  const header = parsePart(bytes, 0, end, 'header', limits);
  if (header instanceof JwtError) return header;
  assertJwsHeader(header);
  return header;
}

/**
 * The claims once more, for keeping: the strings that the reader gives are cut from one text and hold all of it, a third more memory
 * for each token. Strictness was the reader's; by now the engine's own parser reads the same.
 */
function ownClaims({ token, inputLength }: Candidate): Claims {
  const payload = token.slice(token.indexOf('.') + 1, inputLength);
  return deepFreeze(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims);
}

/** What is remembered is not what is handed out: whoever has an error may add to it. */
function copyOf(error: JwtError): JwtError {
  return refusal(error.code, error);
}

/** A copy of a token of ASCII: it may have been cut from a text that would be held with it. */
function ownText(token: string): string {
  return Buffer.from(token, 'latin1').toString('latin1');
}

function refused(error: unknown): Outcome<never> {
  if (error instanceof JwtError) return { ok: false, error };
  throw error;
}
