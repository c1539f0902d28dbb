/** Options of `createRemoteKeys`, their defaults and bounds. */
import type { Algorithm } from '../algorithms.ts';
import type { JwtError } from '../errors.ts';
import type { RejectedKey } from '../keys/jwks.ts';

/** What a fetch of the key set came to, for metrics. */
export interface FetchReport {
  /** What came of it; `not_modified` by the `ETag`, `unchanged` by comparison. */
  readonly result: 'changed' | 'unchanged' | 'not_modified' | 'failed';
  /** What asked for it. */
  readonly why: 'prefetch' | 'first_use' | 'refresh' | 'unknown_kid';
  /** How long it took, milliseconds. */
  readonly durationMs: number;
  /** Why it failed: `keys_unavailable` or `jwks_malformed`. */
  readonly error?: JwtError;
}

/** Told of what happens. Hooks must not throw. */
export interface RemoteKeysHooks {
  /** After each fetch. */
  onFetch?(report: FetchReport): void;
  /** Key ids that came and went, whether fetched, pushed or distrusted. */
  onKeysChanged?(change: { readonly added: readonly string[]; readonly removed: readonly string[] }): void;
  /** Keys of the set that were refused, each time the set is read. */
  onRejectedKeys?(rejected: readonly RejectedKey[]): void;
  /** A key id that is in no set, and whether it led to a fetch. */
  onUnknownKid?(fetched: boolean): void;
}

/** Options of `createRemoteKeys`. */
export interface RemoteKeysOptions {
  /** The issuer: its `jwks_uri` is found by discovery (OpenID Connect Discovery 1.0, RFC 8414). Give this or `jwksUri`. */
  readonly issuer?: string;
  /** Address of the JWK set. */
  readonly jwksUri?: string;
  /** Settles the algorithm of keys that name none. */
  readonly algorithms?: readonly Algorithm[];
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** The clock, seconds since 1970. Default: the system's. */
  readonly now?: () => number;
  /** Random number from 0 to 1, for jitter of retries. Default: `Math.random`. */
  readonly random?: () => number;
  /** Accept `http:` beyond the loopback interface. Default false: whoever sits on the path could choose the keys. */
  readonly allowHttp?: boolean;
  /** Time for one request with its body, milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Largest answer, bytes. Default 524,288. */
  readonly maxBytes?: number;
  /** Most keys in a set. Default 100. */
  readonly maxKeys?: number;
  /** A set is fresh for what `Cache-Control` says, but at least this, seconds. Default 60. */
  readonly minFreshSeconds?: number;
  /** ... and at most this, seconds. Default 86,400. */
  readonly maxFreshSeconds?: number;
  /** ... and this where `Cache-Control` says nothing, seconds. Default 600. */
  readonly defaultFreshSeconds?: number;
  /** How long a set is used beyond its freshness while the issuer cannot be reached, seconds. Default 86,400. */
  readonly maxStaleSeconds?: number;
  /** One source may cause one fetch by an unknown key id in this time, seconds. Default 30. */
  readonly sourceCooldownSeconds?: number;
  /** All sources together may cause one fetch by unknown key ids in this time, seconds. Default 1. */
  readonly globalCooldownSeconds?: number;
  /** Told of what happens, for metrics. */
  readonly hooks?: RemoteKeysHooks;
}

export interface ResolvedRemoteOptions extends Required<Omit<RemoteKeysOptions, 'issuer' | 'jwksUri' | 'algorithms'>> {
  readonly issuer: string | undefined;
  readonly jwksUri: string | undefined;
  readonly algorithms: readonly Algorithm[] | undefined;
}

const DEFAULTS = {
  allowHttp: false,
  timeoutMs: 5_000,
  maxBytes: 524_288,
  maxKeys: 100,
  minFreshSeconds: 60,
  maxFreshSeconds: 86_400,
  defaultFreshSeconds: 600,
  maxStaleSeconds: 86_400,
  sourceCooldownSeconds: 30,
  globalCooldownSeconds: 1,
} as const;

/** @throws {TypeError} for an option that does not exist or cannot be. */
export function resolveRemoteOptions(options: RemoteKeysOptions): ResolvedRemoteOptions {
  const {
    issuer,
    jwksUri,
    algorithms,
    hooks = {},
    now = () => Date.now() / 1_000,
    random = Math.random,
    ...rest
  } = options;
  if ((issuer === undefined) === (jwksUri === undefined))
    throw new TypeError('createRemoteKeys: give `issuer` or `jwksUri`, one of them');
  const { fetch: fetchOption, ...numbers } = rest;
  for (const [name, value] of Object.entries(numbers)) {
    if (!Object.hasOwn(DEFAULTS, name)) throw new TypeError(`createRemoteKeys: there is no option "${name}"`);
    if (
      name === 'allowHttp'
        ? typeof value !== 'boolean'
        : !(typeof value === 'number' && value >= 0 && Number.isFinite(value))
    ) {
      throw new TypeError(
        `createRemoteKeys: \`${name}\` must be a ${name === 'allowHttp' ? 'boolean' : 'number, not negative'}`,
      );
    }
  }
  const resolved = {
    ...DEFAULTS,
    ...numbers,
    issuer,
    jwksUri,
    algorithms,
    hooks,
    now,
    random,
    fetch: fetchOption ?? fetch,
  };
  assertAddress(issuer ?? jwksUri ?? '', resolved.allowHttp);
  return resolved;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An absolute `https:` address without credentials or fragment; `http:` on loopback or where allowed. @throws {TypeError} */
export function assertAddress(address: string, allowHttp: boolean): URL {
  if (!URL.canParse(address)) throw new TypeError('the address of a key set must be an absolute URL');
  const url = new URL(address);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && (allowHttp || LOOPBACK.has(url.hostname)));
  if (!secure)
    throw new TypeError(`the address of a key set must be https (http only for loopback hosts, or with allowHttp)`);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw new TypeError('the address of a key set must have no credentials and no fragment');
  return url;
}
