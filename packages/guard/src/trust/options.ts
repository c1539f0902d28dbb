/** What is configured of the issuers that a verifier trusts. */
import type { Algorithm } from '@sealgate/jwt';
import type { Dispatcher } from 'undici';
import type { DpopProofsOptions } from '../decision/dpop-proofs.ts';
import type { OnStale } from '../decision/policy.ts';
import type { ClientCredential } from './client-credential.ts';
import type { PresetName } from './mapping-presets.ts';
import type { TrustEvent } from './trust-event.ts';

export interface IssuerOptions {
  /** `iss`, exactly; https unless on a loopback address. Metadata is found from it. */
  readonly url: string;
  /** What `aud` must contain one of. */
  readonly audience: string | readonly string[];
  readonly algorithms: readonly Algorithm[];
  /**
   * `typ` that access tokens of this issuer have. `at+jwt` asks for the whole profile of RFC 9068; any other value, such as `JWT`,
   * for `iss`, `aud` and `exp` only. Default: what `mapping.preset` says, else `at+jwt`.
   */
  readonly typ?: string;
  /** Whether a token is good only for the method and path that it names in `htm` and `htp`: internal tokens of a gateway. */
  readonly requestBound?: boolean;
  /** How far the clocks may differ. Default 0. */
  readonly clockSkewSeconds?: number;
  /** This verifier's own credential at the issuer; needed for the feed and for introspection. */
  readonly client?: ClientCredential;
  /** Accepts tokens without a dot, which are no JWTs, as this issuer's, by asking it. For one issuer of a trust. Needs `client`. */
  readonly opaqueTokens?: OpaqueTokenOptions;
  /** Default: no feed, so that a token lives until it expires. */
  readonly revocation?: RevocationOptions;
  /** Where this issuer puts what a principal is made of; the name of a preset alone will do. */
  readonly mapping?: MappingOptions | PresetName;
}

/** How opaque tokens are asked about (RFC 7662). */
export interface OpaqueTokenOptions {
  /** Where to ask. Default: what the issuer's metadata say. */
  readonly endpoint?: string;
  /** How long a good answer is believed, never beyond the token's `exp`. Default 30. */
  readonly cacheSeconds?: number;
  /** How long "not active" is believed. Default 5. */
  readonly negativeSeconds?: number;
  /** Answers kept, of either kind. Default 10,000. */
  readonly maxEntries?: number;
  /**
   * What answers of this issuer need not have. Without `aud` nothing says that the token is meant for this API, without `token_type` that it is an access
   * token; without `exp` it is believed for `cacheSeconds`. Default: nothing.
   */
  readonly mayLack?: readonly ('aud' | 'token_type' | 'exp')[];
  /** Asks for signed answers (RFC 9701) and takes no others. Default false. */
  readonly signed?: boolean;
}

export interface RevocationOptions {
  readonly feed: 'push' | 'none';
  /** Without word from the issuer for longer than this, its view is stale. Default 30. */
  readonly staleAfterSeconds?: number;
  /** What to do with tokens then, unless the route says. Default `deny`. */
  readonly onStale?: OnStale;
}

/** JSON Pointers. Without a preset: `/sub`, `/client_id`, `/scope`, `/roles`; what is given here comes before what a preset says. */
export interface MappingOptions {
  /** How the tokens of a well-known issuer look (`mapping-presets.ts`). */
  readonly preset?: PresetName;
  /** With `keycloak`: the client whose roles count beside those of the realm. */
  readonly client?: string;
  /** With `auth0`: what the names of custom claims start with, such as `https://acme.test/`. */
  readonly namespace?: string;
  readonly subject?: string;
  readonly clientId?: string | readonly string[];
  readonly scopes?: string | readonly string[];
  readonly roles?: string | readonly string[];
  /** Whether `scope` may be an array; never with `typ: at+jwt`. */
  readonly scopeMayBeList?: boolean;
}

export interface TrustOptions {
  /** By the name that policies use. */
  readonly issuers: Readonly<Record<string, IssuerOptions>>;
  /** How issuers list this verifier: 1 to 64 of `A-Z a-z 0-9 . _ -`. Default `guard-` and random characters. */
  readonly verifierName?: string;
  /** Memory for tokens that were verified or refused, in bytes. Default 24 MiB; 0 verifies every time. Verdicts are the same. */
  readonly cacheBytes?: number;
  /** DPoP proofs of all issuers (RFC 9449). */
  readonly dpop?: Omit<DpopProofsOptions, 'now'>;
  /** Clock, seconds since the Unix epoch. */
  readonly now?: () => number;
  /** Uniform in [0, 1); spreads reconnections. */
  readonly random?: () => number;
  /** For metadata, keys and introspection. */
  readonly fetch?: typeof globalThis.fetch;
  /** For the feed; closed by its owner. By default the trust makes, and closes, its own. */
  readonly dispatcher?: Dispatcher;
  /** For metrics and logs. Must not throw. */
  readonly observe?: (event: TrustEvent) => void;
}
