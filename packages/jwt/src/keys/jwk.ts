/**
 * JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037, RFC 9964): shapes, and the member checks before any byte reaches OpenSSL.
 */
import { ALGORITHMS, type Algorithm } from '../algorithms.ts';
import { JwtError } from '../errors.ts';
import { decodeBase64Url } from '../parse/base64url.ts';
import { isKeyId } from '../parse/header.ts';

// A type, not an interface: only types fit `JwkLike`, so that what was exported can be imported.
// oxlint-disable-next-line typescript/consistent-type-definitions
type JwkMetadata = {
  readonly alg?: string;
  readonly kid?: string;
  readonly use?: string;
  readonly key_ops?: readonly string[];
};

/** A public key as it may be published. */
export type JwkPublic = JwkMetadata &
  (
    | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
    | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string }
    | { readonly kty: 'OKP'; readonly crv: string; readonly x: string }
    | { readonly kty: 'AKP'; readonly alg: string; readonly pub: string }
  );

/** A private or secret key. Whoever reads it can sign. */
export type JwkPrivate = JwkMetadata & { readonly kty: 'RSA' | 'EC' | 'OKP' | 'AKP' | 'oct' } & {
  readonly [member: string]: unknown;
};

/** A JWK as it came: nothing checked. */
export type JwkLike = Readonly<Record<string, unknown>>;

const COORDINATE_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66, secp256k1: 32, Ed25519: 32, Ed448: 57 } as const;

/** Members that only a private or secret key has. */
export const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

export function isPrivateJwk(jwk: JwkLike): boolean {
  return PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member));
}

/** The bytes of a base64url member. @throws {JwtError} `key_malformed`. */
export function jwkBytes(jwk: JwkLike, member: string, length?: number): Uint8Array<ArrayBuffer> {
  const text = Object.hasOwn(jwk, member) ? jwk[member] : undefined;
  if (typeof text !== 'string' || text.length > 8_192)
    throw new JwtError('key_malformed', { member, reason: 'missing, or not base64url' });
  const bytes = decodeBase64Url(text);
  if (bytes === undefined || bytes.length === 0)
    throw new JwtError('key_malformed', { member, reason: 'not canonical base64url' });
  if (length !== undefined && bytes.length !== length) {
    throw new JwtError('key_malformed', { member, reason: `${bytes.length} bytes where ${length} belong` });
  }
  return bytes;
}

/** A big-endian integer without leading zeros (RFC 7518 section 2, Base64urlUInt). @throws {JwtError} `key_malformed`. */
export function jwkInteger(jwk: JwkLike, member: string): Uint8Array<ArrayBuffer> {
  const bytes = jwkBytes(jwk, member);
  if (bytes[0] === 0) throw new JwtError('key_malformed', { member, reason: 'leading zero bytes' });
  return bytes;
}

/**
 * Checks everything about a JWK but the mathematics: `kty`, `crv`, `alg`, `use`, `key_ops`, `kid`, and the form of each member.
 *
 * @throws {JwtError} `key_malformed`, `key_unsupported`, `key_algorithm_mismatch`, `key_use_forbidden`.
 */
export function assertJwk(jwk: JwkLike, alg: Algorithm): void {
  const info = ALGORITHMS[alg];
  const member = (name: string): unknown => (Object.hasOwn(jwk, name) ? jwk[name] : undefined);
  if (typeof member('kty') !== 'string') throw new JwtError('key_malformed', { member: 'kty', reason: 'missing' });
  if (member('kty') !== info.kty)
    throw new JwtError('key_algorithm_mismatch', { member: 'kty', reason: `${alg} needs kty ${info.kty}` });
  const named = member('alg');
  if (named !== undefined && named !== alg)
    throw new JwtError('key_algorithm_mismatch', { member: 'alg', reason: `the key does not name ${alg}` });
  if (member('kid') !== undefined && !isKeyId(member('kid')))
    throw new JwtError('key_malformed', { member: 'kid', reason: 'not a key id' });
  const priv = isPrivateJwk(jwk);
  assertUse(member('use'), member('key_ops'), info.family === 'hmac' ? ['sign', 'verify'] : [priv ? 'sign' : 'verify']);
  switch (info.family) {
    case 'hmac':
      jwkBytes(jwk, 'k');
      return;
    case 'rsa':
      jwkInteger(jwk, 'n');
      jwkInteger(jwk, 'e');
      if (member('oth') !== undefined)
        throw new JwtError('key_unsupported', { member: 'oth', reason: 'RSA with more than two primes' });
      if (priv) for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) jwkInteger(jwk, name);
      return;
    case 'ec':
    case 'okp': {
      if (member('crv') !== info.crv)
        throw new JwtError('key_algorithm_mismatch', { member: 'crv', reason: `${alg} needs ${info.crv}` });
      const length = COORDINATE_BYTES[info.crv];
      jwkBytes(jwk, 'x', length);
      if (info.family === 'ec') jwkBytes(jwk, 'y', length);
      if (priv) jwkBytes(jwk, 'd', length);
      return;
    }
    case 'akp':
      if (named === undefined)
        throw new JwtError('key_malformed', { member: 'alg', reason: 'missing: an AKP key must name its algorithm' });
      jwkBytes(jwk, 'pub', info.publicBytes);
      if (priv) jwkBytes(jwk, 'priv', 32);
  }
}

function assertUse(use: unknown, operations: unknown, needed: readonly string[]): void {
  if (use !== undefined && use !== 'sig')
    throw new JwtError('key_use_forbidden', { member: 'use', reason: 'not "sig"' });
  if (operations === undefined) return;
  if (
    !Array.isArray(operations) ||
    operations.some((name) => typeof name !== 'string') ||
    new Set(operations).size !== operations.length
  ) {
    throw new JwtError('key_malformed', { member: 'key_ops', reason: 'not an array of distinct strings' });
  }
  if (!needed.some((name) => operations.includes(name))) {
    throw new JwtError('key_use_forbidden', {
      member: 'key_ops',
      reason: `does not list ${needed.map((name) => `"${name}"`).join(' or ')}`,
    });
  }
}
