/** The SHA-256 thumbprint of a key of any type, those that only encrypt too (RFC 7638, RFC 8037 appendix A.3, RFC 9964 section 6). */
import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** The members that make a key what it is, in lexicographic order. */
const REQUIRED = ['alg', 'crv', 'e', 'kty', 'n', 'pub', 'x', 'y'] as const;

/** 43 characters of base64url; undefined for a shared secret, whose thumbprint would be a hash of it that others could test guesses by. */
export function thumbprintOf(object: KeyObject): string | undefined {
  if (object.type === 'secret') return undefined;
  const half = object.type === 'public' ? object : createPublicKey(object);
  const members: Readonly<Record<string, unknown>> = { ...half.export({ format: 'jwk' }) };
  const isNamed = members['kty'] === 'AKP';
  const required = REQUIRED.filter((name) => members[name] !== undefined && (name !== 'alg' || isNamed));
  const text = JSON.stringify(Object.fromEntries(required.map((name) => [name, members[name]])));
  return createHash('sha256').update(text).digest('base64url');
}
