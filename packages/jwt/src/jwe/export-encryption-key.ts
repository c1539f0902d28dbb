/**
 * Ways out for keys that encrypt: JWK (RFC 7517). What gives away a private key says so in its name.
 */
import { createPublicKey } from 'node:crypto';
import type { JwkPrivate, JwkPublic } from '../keys/jwk.ts';
import { encryptionObject, type EncryptionKey } from './encryption-key.ts';

/** The public half as a JWK with `alg`, `use: "enc"` and `kid`. @throws {TypeError} for a shared secret, which has none. */
export function exportEncryptionJwk(key: EncryptionKey): JwkPublic {
  const object = encryptionObject(key);
  if (object.type === 'secret') throw new TypeError('a shared secret has no public half');
  const half = object.type === 'public' ? object : createPublicKey(object);
  return { ...half.export({ format: 'jwk' }), ...metadata(key) } as unknown as JwkPublic;
}

/** The whole key as a JWK. Whoever reads it can decrypt. @throws {TypeError} for a public key. */
export function exportPrivateEncryptionJwk(key: EncryptionKey): JwkPrivate {
  const object = encryptionObject(key);
  if (object.type === 'public') throw new TypeError('exportPrivateEncryptionJwk: this is a public key');
  return { ...object.export({ format: 'jwk' }), ...metadata(key) } as unknown as JwkPrivate;
}

function metadata({ alg, kid }: EncryptionKey): { alg: string; use: 'enc'; kid?: string } {
  return { alg, use: 'enc', ...(kid === undefined ? {} : { kid }) };
}
