/**
 * `createRemoteKeys`: the keys of an issuer somewhere else, fetched, kept fresh, and never trusted for longer than agreed
 * (RFC 7517 section 5, OpenID Connect Core section 10.1.1).
 *
 * No timers: a look-up of a set past its freshness starts the refresh and is answered from what there is. One fetch at a time.
 * Keys may also be pushed (`replace`) or withdrawn (`distrust`) by whoever hears of it sooner.
 */
import type { Algorithm } from '../algorithms.ts';
import { readClock } from '../claims/time.ts';
import { JwtError } from '../errors.ts';
import { parseJwks, type ParsedJwks } from '../keys/jwks.ts';
import type { Key } from '../keys/key.ts';
import type { KeyResolver } from '../verify/rules.ts';
import { discoverJwksUri } from './discovery.ts';
import { fetchJson, freshSeconds } from './fetch-json.ts';
import { KeyTable } from './key-table.ts';
import { LookupBudget } from './lookup-budget.ts';
import {
  assertAddress,
  resolveRemoteOptions,
  type FetchReport,
  type RemoteKeysOptions,
  type ResolvedRemoteOptions,
} from './options.ts';

/** Keys of a remote issuer: give it to `createVerifier` as `keys`. */
export interface RemoteKeys extends KeyResolver {
  /** The keys at hand, without any fetch. */
  readonly keys: readonly Key[];
  /** Fetches the set now, so that the first token need not wait. @throws {JwtError} `keys_unavailable`. */
  prefetch(): Promise<void>;
  /** Puts a pushed set in place of all keys, as fresh as if fetched. @throws {JwtError} `jwks_malformed`. */
  replace(jwks: unknown): ParsedJwks;
  /** Withdraws a key at once and for good, whatever the set says. */
  distrust(kid: string): void;
  /** Ends all fetching; what is in flight is aborted. Keys at hand stay usable until they are stale. */
  close(): void;
}

/** @throws {TypeError} for options that cannot be. Nothing is fetched yet. */
export function createRemoteKeys(options: RemoteKeysOptions): RemoteKeys {
  const source = new RemoteKeySource(resolveRemoteOptions(options));
  return Object.freeze({
    get keys() {
      return source.keys;
    },
    find: (kid: string | undefined, alg: Algorithm, from?: string) => source.find(kid, alg, from),
    isCurrent: (key: Key) => source.isCurrent(key),
    prefetch: () => source.prefetch(),
    replace: (jwks: unknown) => source.replace(jwks),
    distrust: (kid: string) => source.distrust(kid),
    close: () => source.close(),
  });
}

/** First pause after a failed fetch, and the longest, seconds. */
const RETRY_SECONDS = { first: 1, longest: 60 };

class RemoteKeySource {
  readonly #options: ResolvedRemoteOptions;
  readonly #table = new KeyTable();
  readonly #budget: LookupBudget;
  readonly #closing = new AbortController();
  #jwksUri: URL | undefined;
  #etag: string | undefined;
  #inFlight: Promise<void> | undefined;
  #failures = 0;
  /** Counts pushed sets: an answer that was under way when one arrived is the older of the two. */
  #pushes = 0;
  /** Seconds since 1970. */
  #freshUntil = Number.NEGATIVE_INFINITY;
  #usableUntil = Number.NEGATIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;
  #lastError: JwtError | undefined;

  constructor(options: ResolvedRemoteOptions) {
    this.#options = options;
    this.#budget = new LookupBudget(options.sourceCooldownSeconds, options.globalCooldownSeconds);
    if (options.jwksUri !== undefined) this.#jwksUri = assertAddress(options.jwksUri, options.allowHttp);
  }

  get keys(): readonly Key[] {
    return this.#table.keys;
  }

  find(kid: string | undefined, alg: Algorithm, source = ''): Key | undefined | Promise<Key | undefined> {
    const now = readClock(this.#options.now);
    if (!(now < this.#usableUntil)) return this.#findAfterLoading(kid, alg, now);
    this.#refreshWhenStale(now);
    const key = this.#table.find(kid, alg);
    if (key !== undefined || (kid !== undefined && this.#table.isDistrusted(kid))) return key;
    return this.#findUnknown(kid, alg, source, now);
  }

  isCurrent(key: Key): boolean {
    const now = readClock(this.#options.now);
    if (!(now < this.#usableUntil)) return false;
    this.#refreshWhenStale(now);
    return this.#table.has(key);
  }

  async prefetch(): Promise<void> {
    await this.#fetch('prefetch');
  }

  replace(jwks: unknown): ParsedJwks {
    const parsed = parseJwks(jwks, this.#parseOptions());
    this.#etag = undefined;
    this.#pushes += 1;
    this.#accept(parsed, undefined);
    return parsed;
  }

  distrust(kid: string): void {
    this.#announce(this.#table.distrust(kid));
  }

  close(): void {
    this.#closing.abort();
  }

  async #findAfterLoading(kid: string | undefined, alg: Algorithm, now: number): Promise<Key | undefined> {
    if (this.#inFlight === undefined && now < this.#retryAt) throw this.#unavailable();
    await this.#fetch('first_use');
    return this.#table.find(kid, alg);
  }

  #findUnknown(
    kid: string | undefined,
    alg: Algorithm,
    source: string,
    now: number,
  ): undefined | Promise<Key | undefined> {
    const { hooks } = this.#options;
    // A fetch under way may have begun before the key was published, but it costs nothing to wait for it.
    if (this.#inFlight === undefined) {
      const allowed = !this.#closing.signal.aborted && now >= this.#retryAt && this.#budget.take(source, now);
      hooks.onUnknownKid?.(allowed);
      if (!allowed) return undefined;
    }
    return this.#fetch('unknown_kid').then(
      () => this.#table.find(kid, alg),
      // The set at hand is still good: the key is unknown, not the issuer unreachable.
      () => undefined,
    );
  }

  #refreshWhenStale(now: number): void {
    if (now < this.#freshUntil || now < this.#retryAt || this.#inFlight !== undefined || this.#closing.signal.aborted)
      return;
    // Failures are reported by the hook and end in `keys_unavailable` once the set may no longer be used.
    this.#fetch('refresh').catch(() => undefined);
  }

  /** One at a time: whoever comes while a fetch is under way waits for that one. */
  #fetch(why: FetchReport['why']): Promise<void> {
    this.#inFlight ??= this.#load(why).finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }

  async #load(why: FetchReport['why']): Promise<void> {
    const started = performance.now();
    const report = (rest: Pick<FetchReport, 'result' | 'error'>): void => {
      this.#options.hooks.onFetch?.({ why, durationMs: performance.now() - started, ...rest });
    };
    try {
      report({ result: await this.#request() });
      this.#failures = 0;
      this.#retryAt = Number.NEGATIVE_INFINITY;
    } catch (cause) {
      const error =
        cause instanceof JwtError
          ? cause
          : new JwtError('keys_unavailable', { reason: 'the set could not be read', cause });
      this.#lastError = error;
      const pause = Math.min(RETRY_SECONDS.first * 2 ** this.#failures++, RETRY_SECONDS.longest);
      this.#retryAt = readClock(this.#options.now) + pause * (0.5 + this.#options.random() / 2);
      // The address may have moved: ask discovery again next time.
      if (this.#options.issuer !== undefined) this.#jwksUri = undefined;
      report({ result: 'failed', error });
      throw error;
    }
  }

  async #request(): Promise<'changed' | 'unchanged' | 'not_modified'> {
    const { issuer, fetch: fetcher } = this.#options;
    const { signal } = this.#closing;
    if (signal.aborted) throw new JwtError('keys_unavailable', { reason: 'closed' });
    const known = this.#jwksUri;
    const pushes = this.#pushes;
    const url = known ?? (await discoverJwksUri(issuer ?? '', this.#options, signal));
    const answer = await fetchJson(fetcher, url, this.#options, signal, known === undefined ? undefined : this.#etag);
    this.#jwksUri = url;
    if (answer.status === 304 && this.#etag !== undefined) {
      this.#extend(answer.cacheControl);
      return 'not_modified';
    }
    if (answer.value === undefined)
      throw new JwtError('keys_unavailable', { reason: `answered with status ${answer.status}` });
    const parsed = parseJwks(answer.value, this.#parseOptions());
    if (pushes !== this.#pushes) return 'unchanged';
    this.#etag = answer.etag;
    return this.#accept(parsed, answer.cacheControl) ? 'changed' : 'unchanged';
  }

  #parseOptions(): { maxKeys: number; algorithms?: readonly Algorithm[] } {
    const { algorithms, maxKeys } = this.#options;
    return algorithms === undefined ? { maxKeys } : { algorithms, maxKeys };
  }

  #accept(parsed: ParsedJwks, cacheControl: string | undefined): boolean {
    this.#extend(cacheControl);
    if (parsed.rejected.length > 0) this.#options.hooks.onRejectedKeys?.(parsed.rejected);
    return this.#announce(this.#table.replace(parsed.keys));
  }

  #extend(cacheControl: string | undefined): void {
    const { minFreshSeconds, maxFreshSeconds, defaultFreshSeconds, maxStaleSeconds, now } = this.#options;
    const fresh = Math.min(
      Math.max(freshSeconds(cacheControl) ?? defaultFreshSeconds, minFreshSeconds),
      maxFreshSeconds,
    );
    this.#freshUntil = readClock(now) + fresh;
    this.#usableUntil = this.#freshUntil + maxStaleSeconds;
  }

  #announce(change: { readonly added: readonly string[]; readonly removed: readonly string[] }): boolean {
    const changed = change.added.length > 0 || change.removed.length > 0;
    if (changed) this.#options.hooks.onKeysChanged?.(change);
    return changed;
  }

  #unavailable(): JwtError {
    return this.#lastError ?? new JwtError('keys_unavailable');
  }
}
