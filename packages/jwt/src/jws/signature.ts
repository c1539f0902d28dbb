/**
 * Signing and verifying bytes with `node:crypto`, synchronously (RFC 7518 section 3, RFC 8037, RFC 8812, RFC 9964).
 *
 * The algorithm is the key's. A signature of another length than the key makes is refused before any arithmetic; that alone turns
 * away DER, truncated and padded forms.
 */
import { constants, createHmac, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { ALGORITHMS } from '../algorithms.ts';
import { materialOf, type Key } from '../keys/key.ts';

const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;

interface Parameters {
  readonly key: KeyObject;
  readonly dsaEncoding?: 'ieee-p1363';
  readonly padding?: number;
  readonly saltLength?: number;
}

/** What `node:crypto` is called with for a key, made once for each. */
const prepared = new WeakMap<Key, Parameters>();

function parametersOf(key: Key): Parameters {
  let parameters = prepared.get(key);
  if (parameters === undefined) {
    const info = ALGORITHMS[key.alg];
    const { object } = materialOf(key);
    if (info.family === 'ec') parameters = { key: object, dsaEncoding: 'ieee-p1363' };
    else if (info.family !== 'rsa') parameters = { key: object };
    else if (info.padding === 'pkcs1') parameters = { key: object, padding: RSA_PKCS1_PADDING };
    else parameters = { key: object, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST };
    prepared.set(key, parameters);
  }
  return parameters;
}

/** True when `signature` over `data` was made by the private half of `key` under the key's algorithm. Never throws for bad signatures. */
export function verifySignature(key: Key, data: Uint8Array, signature: Uint8Array): boolean {
  const { object, signatureBytes } = materialOf(key);
  if (signature.length !== signatureBytes) return false;
  const info = ALGORITHMS[key.alg];
  if (info.family === 'hmac') return timingSafeEqual(createHmac(info.hash, object).update(data).digest(), signature);
  return verify(info.family === 'rsa' || info.family === 'ec' ? info.hash : null, data, parametersOf(key), signature);
}

/** The signature of `key` over `data`. @throws {TypeError} for a public key. */
export function createSignature(key: Key, data: Uint8Array): Buffer {
  const { object } = materialOf(key);
  if (object.type === 'public') throw new TypeError('a public key cannot sign');
  const info = ALGORITHMS[key.alg];
  if (info.family === 'hmac') return createHmac(info.hash, object).update(data).digest();
  return sign(info.family === 'rsa' || info.family === 'ec' ? info.hash : null, data, parametersOf(key));
}
