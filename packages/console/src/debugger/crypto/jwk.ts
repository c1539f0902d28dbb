/**
 * A key as this page holds it: a JWK (RFC 7517, RFC 7518 section 6, RFC 8037, RFC 9964 for `kty: AKP`), whatever form it came in.
 */

/** The members that carry key material are base64url strings. */
export interface Jwk {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly d?: string;
  readonly n?: string;
  readonly e?: string;
  readonly p?: string;
  readonly q?: string;
  readonly dp?: string;
  readonly dq?: string;
  readonly qi?: string;
  readonly k?: string;
  readonly pub?: string;
  readonly priv?: string;
}

export type KeyType = 'secret' | 'public' | 'private';

/** The members of each key type: those of the public key, in the order of RFC 7638, and the private one that is enough. */
const MEMBERS: Readonly<Record<string, { readonly required: readonly string[]; readonly secret: string }>> = {
  RSA: { required: ['e', 'kty', 'n'], secret: 'd' },
  EC: { required: ['crv', 'kty', 'x', 'y'], secret: 'd' },
  OKP: { required: ['crv', 'kty', 'x'], secret: 'd' },
  AKP: { required: ['alg', 'kty', 'pub'], secret: 'priv' },
  oct: { required: ['k', 'kty'], secret: 'k' },
};

const PRIVATE_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']);

/** The members that a key of this type cannot be without, or `undefined` for an unknown type. */
export function requiredMembers(kty: string): readonly string[] | undefined {
  return Object.hasOwn(MEMBERS, kty) ? MEMBERS[kty]?.required : undefined;
}

export function keyType(jwk: Jwk): KeyType {
  if (jwk.kty === 'oct') return 'secret';
  return jwk.d === undefined && jwk.priv === undefined ? 'public' : 'private';
}

/** The key without its private members. A secret has no public part: returns `undefined`. */
export function publicPart(jwk: Jwk): Jwk | undefined {
  if (jwk.kty === 'oct') return undefined;
  const entries = Object.entries(jwk).filter(([name]) => !PRIVATE_MEMBERS.has(name));
  return { kty: jwk.kty, ...Object.fromEntries(entries) };
}

/** What the thumbprint is taken of (RFC 7638 section 3.2; RFC 9964 section 6 for AKP). */
export function thumbprintInput(jwk: Jwk): string {
  const members: Record<string, unknown> = { ...jwk };
  const required = requiredMembers(jwk.kty) ?? ['kty'];
  return JSON.stringify(Object.fromEntries(required.toSorted().map((name) => [name, members[name]])));
}
