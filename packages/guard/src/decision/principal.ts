/**
 * Who stands behind a verified token: what the rest of a request may rely on.
 *
 * Made only after signature and claims were verified. It prints and serializes without the token: `token` is an accessor, so
 * that logging a principal does not log a credential.
 */
import type { TokenRef } from '../revocation/token-ref.ts';
import { readPointer, type JsonPointer } from './json-pointer.ts';
import { NameLists } from './name-lists.ts';

/** Verified claims, deeply frozen. */
export type VerifiedClaims = Readonly<Record<string, unknown>>;

/** Where an issuer puts what a principal is made of. Of `clientId` the first that is there counts, of `scopes` and `roles` all. */
export interface ClaimMapping {
  readonly subject: JsonPointer;
  readonly clientId: readonly JsonPointer[];
  readonly scopes: readonly JsonPointer[];
  readonly roles: readonly JsonPointer[];
}

/** What can be made of a principal: asked for at every request of one token, and made once. */
export interface Derivation<Value> {
  /** Depends on the principal alone. */
  from(principal: Principal): Value;
}

/** Twice as many derivations as are remembered: each new configuration of a gateway brings its own. */
const MOST_DERIVED = 32;

/** Shared by all principals. */
const lists = new NameLists();

export class Principal {
  /** Configured name of the issuer in the trust, such as `main`. */
  readonly issuerName: string;
  /** `iss`. */
  readonly issuer: string;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly claims: VerifiedClaims;
  readonly expiresAtSeconds: number;
  /** By what the token can be revoked; undefined where the issuer offers no revocation feed. */
  readonly tokenRef: TokenRef | undefined;
  readonly #token: string;
  /** Derivation, what it gave, derivation, what it gave: few are ever asked for. */
  #derived: unknown[] | undefined;

  constructor(
    verified: {
      readonly token: string;
      readonly issuer: string;
      readonly issuerName: string;
      readonly claims: VerifiedClaims;
      readonly expiresAtSeconds: number;
      readonly tokenRef: TokenRef | undefined;
    },
    mapping: ClaimMapping,
  ) {
    const { claims } = verified;
    this.issuerName = verified.issuerName;
    this.issuer = verified.issuer;
    this.subject = readString(claims, mapping.subject);
    this.clientId = readFirst(claims, mapping.clientId);
    this.scopes = lists.join(mapping.scopes.map((pointer) => lists.readScopes(readPointer(claims, pointer))));
    this.roles = lists.join(mapping.roles.map((pointer) => lists.readNames(readPointer(claims, pointer))));
    this.claims = claims;
    this.expiresAtSeconds = verified.expiresAtSeconds;
    this.tokenRef = verified.tokenRef;
    this.#token = verified.token;
    Object.freeze(this);
  }

  /** What `derivation` gives, kept as long as the principal is. */
  derive<Value>(derivation: Derivation<Value>): Value {
    const derived = (this.#derived ??= []);
    for (let index = 0; index < derived.length; index += 2)
      if (derived[index] === derivation) return derived[index + 1] as Value;
    const value = derivation.from(this);
    if (derived.length >= MOST_DERIVED) derived.length = 0;
    derived.push(derivation, value);
    return value;
  }

  /** The token as it was presented. */
  get token(): string {
    return this.#token;
  }
}

function readString(claims: VerifiedClaims, pointer: JsonPointer): string | undefined {
  const value = readPointer(claims, pointer);
  return typeof value === 'string' ? value : undefined;
}

function readFirst(claims: VerifiedClaims, pointers: readonly JsonPointer[]): string | undefined {
  for (const pointer of pointers) {
    const value = readString(claims, pointer);
    if (value !== undefined) return value;
  }
  return undefined;
}
