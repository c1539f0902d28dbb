/** What a verifier answers. */
import type { Claims } from '../claims/claims.ts';
import type { JwtError } from '../errors.ts';
import type { JoseHeader } from '../parse/header.ts';

/** What `verify` gives: everything in it has been verified. Frozen. */
export interface VerifiedJwt<Output = Claims> {
  /** The protected header. */
  readonly header: JoseHeader;
  /** The payload, or what the schema made of it. */
  readonly claims: Output;
}

/** What `check` gives for a token that passed. Frozen, and shared between calls when `cached`. */
export interface Accepted<Output = Claims> extends VerifiedJwt<Output> {
  /** It may be relied on. */
  readonly ok: true;
  /** Id of the key that verified it. */
  readonly kid: string | undefined;
  /** The `iss` whose rules it passed. */
  readonly issuer: string;
  /** The `exp` claim, seconds since 1970. */
  readonly expiresAtSeconds: number;
  /** True when the signature was verified by an earlier call. */
  readonly cached: boolean;
}

/** What `check` gives for a token that was refused. */
export interface Refused {
  /** It may not. */
  readonly ok: false;
  /** Why, made without a stack trace. */
  readonly error: JwtError;
}

/** The verdict on a token, as a value; `ok` tells which. */
export type Outcome<Output = Claims> = Accepted<Output> | Refused;
