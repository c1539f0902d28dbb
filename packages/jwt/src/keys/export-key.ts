/**
 * Ways out for key material: JWK, PEM, DER (RFC 7517, RFC 7468, RFC 5958). What gives away a private key says so in its name.
 */
import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import { ALGORITHMS } from '../algorithms.ts';
import type { JwkPrivate, JwkPublic } from './jwk.ts';
import { makeKey, materialOf, type Key } from './key.ts';

/** The public half, same algorithm and id. A public key is its own public half. @throws {TypeError} for a shared secret. */
export function publicKey(key: Key): Key {
  return key.type === 'public' ? key : makeKey(key.alg, key.kid, publicObject(key));
}

/** The public half as a JWK with `alg`, `use: "sig"` and `kid`. @throws {TypeError} for a shared secret, which has none. */
export function exportJwk(key: Key): JwkPublic {
  return { ...publicMembers(key), ...metadata(key) } as JwkPublic;
}

/** The whole key as a JWK. Whoever reads it can sign. @throws {TypeError} for a public key. */
export function exportPrivateJwk(key: Key): JwkPrivate {
  if (key.type === 'public') throw new TypeError('exportPrivateJwk: this is a public key');
  return { ...materialOf(key).object.export({ format: 'jwk' }), ...metadata(key) } as unknown as JwkPrivate;
}

/** The public half as PEM (SPKI). @throws {TypeError} for a shared secret. */
export function exportPublicPem(key: Key): string {
  return publicObject(key).export({ format: 'pem', type: 'spki' });
}

/** The private key as PEM (PKCS#8, not encrypted). @throws {TypeError} for a public key or a shared secret. */
export function exportPrivatePem(key: Key): string {
  return privateObject(key).export({ format: 'pem', type: 'pkcs8' });
}

/** The public half as DER (SPKI). @throws {TypeError} for a shared secret. */
export function exportPublicDer(key: Key): Uint8Array {
  return publicObject(key).export({ format: 'der', type: 'spki' });
}

/** The private key as DER (PKCS#8, not encrypted). @throws {TypeError} for a public key or a shared secret. */
export function exportPrivateDer(key: Key): Uint8Array {
  return privateObject(key).export({ format: 'der', type: 'pkcs8' });
}

/** The bytes of a shared secret. @throws {TypeError} for any other key. */
export function exportSecret(key: Key): Uint8Array {
  const { object } = materialOf(key);
  if (object.type !== 'secret') throw new TypeError('exportSecret: this is not a shared secret');
  return object.export();
}

/** For this folder: the members that make the public half, without metadata. */
export function publicMembers(key: Key): webcrypto.JsonWebKey {
  return publicObject(key).export({ format: 'jwk' });
}

function publicObject(key: Key): KeyObject {
  const { object } = materialOf(key);
  if (object.type === 'secret') throw new TypeError('a shared secret has no public half');
  return object.type === 'public' ? object : createPublicKey(object);
}

function privateObject(key: Key): KeyObject {
  const { object } = materialOf(key);
  if (object.type !== 'private') throw new TypeError(`this is a ${object.type} key, not a private one`);
  return object;
}

function metadata(key: Key): { alg: string; kid?: string; use?: string } {
  const use = ALGORITHMS[key.alg].family === 'hmac' ? {} : { use: 'sig' };
  return { alg: key.alg, ...use, ...(key.kid === undefined ? {} : { kid: key.kid }) };
}
