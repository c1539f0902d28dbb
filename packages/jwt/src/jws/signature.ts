/**
 * Signing and verifying bytes with `node:crypto`, synchronously (RFC 7518 section 3, RFC 8037, RFC 8812, RFC 9964).
 *
 * The algorithm is the key's. A signature of another length than the key makes is refused before any arithmetic; that alone turns
 * away DER, truncated and padded forms. With a hash, the streaming calls are used: they cost less than the one-shot ones.
 */
import {
  constants,
  createHmac,
  createSign,
  createVerify,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';
import { ALGORITHMS } from '../algorithms.ts';
import { materialOf, type Key } from '../keys/key.ts';
import { concatenatedFromDer, derFromConcatenated } from './ecdsa-encoding.ts';

const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;

/** The key as RSASSA-PSS takes it. */
function pss(key: KeyObject): { key: KeyObject; padding: number; saltLength: number } {
  return { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST };
}

/** True when `signature` over `data` was made by the private half of `key` under the key's algorithm. Never throws for bad signatures. */
export function verifySignature(key: Key, data: Uint8Array, signature: Uint8Array): boolean {
  const { object, signatureBytes } = materialOf(key);
  if (signature.length !== signatureBytes) return false;
  const info = ALGORITHMS[key.alg];
  if (info.family === 'hmac') return timingSafeEqual(createHmac(info.hash, object).update(data).digest(), signature);
  if (info.family === 'okp' || info.family === 'akp') return verify(null, data, object, signature);
  const verification = createVerify(info.hash).update(data);
  if (info.family === 'ec') return verification.verify(object, derFromConcatenated(signature));
  return verification.verify(info.padding === 'pss' ? pss(object) : object, signature);
}

/** The signature of `key` over `data`. @throws {TypeError} for a public key. */
export function createSignature(key: Key, data: Uint8Array): Buffer {
  const { object } = materialOf(key);
  if (object.type === 'public') throw new TypeError('a public key cannot sign');
  const info = ALGORITHMS[key.alg];
  if (info.family === 'hmac') return createHmac(info.hash, object).update(data).digest();
  if (info.family === 'okp' || info.family === 'akp') return sign(null, data, object);
  const signing = createSign(info.hash).update(data);
  if (info.family === 'ec') return concatenatedFromDer(signing.sign(object), info.signatureBytes);
  return signing.sign(info.padding === 'pss' ? pss(object) : object);
}
