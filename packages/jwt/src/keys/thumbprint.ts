/**
 * JWK thumbprints (RFC 7638; RFC 8037 appendix A.3; RFC 9964 section 6) and their URI form (RFC 9278).
 */
import { createHash } from 'node:crypto';
import { ALGORITHMS } from '../algorithms.ts';
import { publicMembers } from './export-key.ts';
import { materialOf, type Key } from './key.ts';

/** The members that make a key what it is, in lexicographic order. */
const REQUIRED_MEMBERS = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  AKP: ['alg', 'kty', 'pub'],
  oct: ['k', 'kty'],
} as const;

/**
 * The SHA-256 thumbprint of the public half, base64url, 43 characters. That of a shared secret is a hash of the secret: do not
 * publish it.
 */
export function thumbprint(key: Key): string {
  const { object } = materialOf(key);
  const jwk: object = object.type === 'secret' ? object.export({ format: 'jwk' }) : publicMembers(key);
  const members = jwk as Readonly<Record<string, unknown>>;
  const required = REQUIRED_MEMBERS[ALGORITHMS[key.alg].kty].map((name) => [name, members[name]]);
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(required)))
    .digest('base64url');
}

/** The thumbprint as a URI: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:...` (RFC 9278). */
export function thumbprintUri(key: Key): string {
  return `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${thumbprint(key)}`;
}
