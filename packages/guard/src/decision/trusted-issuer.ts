/**
 * What the decision needs of the issuers it trusts; `trust/` provides it in production.
 *
 * The boundary keeps the decision free of I/O: keys, feeds and introspection live behind it.
 */
import type { Outcome } from '@sealgate/jwt';
import type { GuardError } from '../errors.ts';
import type { RevocationKind } from '../revocation/record.ts';
import type { TokenRef } from '../revocation/token-ref.ts';
import type { DpopProofs } from './dpop-proofs.ts';
import type { OnStale } from './policy.ts';
import type { ClaimMapping } from './principal.ts';

/** The revocation state of one issuer. */
export interface RevocationCheck {
  readonly onStale: OnStale;
  /** What the URLs of this issuer's status lists start with. */
  readonly statusListPrefix: string;
  /** Whether the view was confirmed by the issuer recently enough to be believed. */
  isFresh(nowSeconds: number): boolean;
  isRevoked(ref: TokenRef): RevocationKind | undefined;
}

/** `active` and `inactive` as RFC 7662 section 2.2; `unknown` when no answer could be had. */
export type IntrospectionAnswer = 'active' | 'inactive' | 'unknown';

/** What verification gives; or that the issuer, which alone can tell, could not be asked. */
export type CheckOutcome = Outcome | { readonly ok: false; readonly error: GuardError };

export interface TrustedIssuer {
  /** Configured name, such as `main`. */
  readonly name: string;
  readonly mapping: ClaimMapping;
  /** Whether its tokens are good only for the method and path they name (`request-binding.ts`). Default false. */
  readonly requestBound?: boolean;
  /** Undefined where the issuer offers no feed: tokens then live until they expire. */
  readonly revocation: RevocationCheck | undefined;
  /** Never rejects. */
  introspect(token: string): Promise<IntrospectionAnswer>;
}

export interface TrustedIssuers {
  /**
   * Verifies a token: form, issuer, key, signature, claims. A promise only if a key has to be fetched or the issuer asked. The claims of an outcome that
   * is `cached` are the same object each time.
   *
   * @param source - Whom to charge for looking up a key that is not known.
   */
  check(token: string, source: string | undefined): CheckOutcome | Promise<CheckOutcome>;
  /** Verifies DPoP proofs; without, tokens bound by DPoP are refused. */
  readonly proofs?: DpopProofs;
  /** The issuer whose `iss` this is. */
  byUrl(issuer: string): TrustedIssuer | undefined;
}
