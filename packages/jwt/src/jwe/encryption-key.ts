/**
 * `EncryptionKey`: a key bound to one key management algorithm of JWE (RFC 7518 section 4).
 *
 * Another class than the keys that sign: no key does both, and neither kind is taken in the place of the other (RFC 8725
 * section 3.5). Made by `importKey` and `generateKey` when they are given one of these algorithms.
 */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
  type webcrypto,
} from 'node:crypto';
import { JwtError } from '../errors.ts';
import { isPrivateJwk, jwkBytes, type JwkLike } from '../keys/jwk.ts';
import { assertRsaPublicKey } from '../keys/rsa-rules.ts';
import { isKeyId } from '../parse/header.ts';
import { ENCRYPTION_ALGORITHMS, type EncryptionAlgorithm } from './jwe-algorithms.ts';

/** A key for encrypting (public or secret) and decrypting (private or secret). Opaque. */
export interface EncryptionKey {
  /** The one key management algorithm it serves, fixed at import. */
  readonly alg: EncryptionAlgorithm;
  /** Key id (RFC 7515 section 4.1.4). */
  readonly kid: string | undefined;
  /** Which half it is, or that there is one half only. */
  readonly type: 'public' | 'private' | 'secret';
}

class LocalEncryptionKey implements EncryptionKey {
  readonly alg: EncryptionAlgorithm;
  readonly kid: string | undefined;
  readonly type: 'public' | 'private' | 'secret';
  readonly #object: KeyObject;

  constructor(alg: EncryptionAlgorithm, kid: string | undefined, object: KeyObject) {
    this.alg = alg;
    this.kid = kid;
    this.type = object.type;
    this.#object = object;
    Object.freeze(this);
  }

  static objectOf(key: EncryptionKey): KeyObject {
    if (!(#object in key))
      throw new TypeError('this is not a key for encryption: import it with an algorithm such as "ECDH-ES"');
    return key.#object;
  }
}

/** For this folder. @throws {TypeError} for a key that signs, or anything else. */
export const encryptionObject = (key: EncryptionKey): KeyObject => LocalEncryptionKey.objectOf(key);

const CURVES = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/**
 * Wraps a key that was read from PEM, DER, a JWK or bytes, if it suits the algorithm.
 *
 * @throws {JwtError} `key_algorithm_mismatch`, `key_too_weak`.
 */
export function makeEncryptionKey(alg: EncryptionAlgorithm, kid: string | undefined, object: KeyObject): EncryptionKey {
  const info = ENCRYPTION_ALGORITHMS[alg];
  const mismatch = new JwtError('key_algorithm_mismatch', { reason: `not a key for ${alg}` });
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = object;
  if (info.family === 'rsa') {
    if (kind !== 'rsa') throw mismatch;
    assertRsaPublicKey(
      Buffer.from(object.export({ format: 'jwk' }).n ?? '', 'base64url'),
      details?.publicExponent ?? 0n,
    );
  } else if (info.family === 'ecdh') {
    if (!(kind === 'x25519' || (kind === 'ec' && CURVES.has(details?.namedCurve ?? '')))) throw mismatch;
  } else {
    if (object.type !== 'secret') throw mismatch;
    const size = object.symmetricKeySize ?? 0;
    if (info.family === 'wrap' ? size !== info.keyBytes : ![16, 24, 32, 48, 64].includes(size)) {
      throw new JwtError('key_algorithm_mismatch', { reason: `a secret of ${size} bytes does not fit ${alg}` });
    }
  }
  return new LocalEncryptionKey(alg, kid, object);
}

/** Reads a JWK for encryption. @throws {JwtError} `key_malformed`, `key_algorithm_mismatch`, `key_use_forbidden`. */
export function readEncryptionJwk(jwk: JwkLike, alg: EncryptionAlgorithm): KeyObject {
  if (jwk['alg'] !== undefined && jwk['alg'] !== alg)
    throw new JwtError('key_algorithm_mismatch', { member: 'alg', reason: `the key does not name ${alg}` });
  if (jwk['use'] !== undefined && jwk['use'] !== 'enc')
    throw new JwtError('key_use_forbidden', { member: 'use', reason: 'not "enc"' });
  if (jwk['kid'] !== undefined && !isKeyId(jwk['kid']))
    throw new JwtError('key_malformed', { member: 'kid', reason: 'not a key id' });
  if (jwk['kty'] === 'oct') return createSecretKey(jwkBytes(jwk, 'k'));
  for (const member of ['n', 'e', 'x', 'y', 'd']) if (Object.hasOwn(jwk, member)) jwkBytes(jwk, member);
  try {
    const key = jwk as webcrypto.JsonWebKey;
    return isPrivateJwk(jwk) ? createPrivateKey({ key, format: 'jwk' }) : createPublicKey({ key, format: 'jwk' });
  } catch {
    throw new JwtError('key_malformed', { reason: 'the members are not a key' });
  }
}

/** A fresh key. ECDH keys are on P-256; `dir` is 32 bytes, for A256GCM or A128CBC-HS256. */
export function generateEncryptionKey(alg: EncryptionAlgorithm, kid: string | undefined): EncryptionKey {
  const info = ENCRYPTION_ALGORITHMS[alg];
  if (info.family === 'rsa')
    return makeEncryptionKey(alg, kid, generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey);
  if (info.family === 'ecdh')
    return makeEncryptionKey(alg, kid, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const keyBytes = info.family === 'wrap' ? info.keyBytes : 32;
  return makeEncryptionKey(alg, kid, createSecretKey(randomBytes(keyBytes)));
}

/** The public half of an encryption key, for those who encrypt. @throws {TypeError} for a shared secret. */
export function publicEncryptionKey(key: EncryptionKey): EncryptionKey {
  const object = encryptionObject(key);
  if (object.type === 'secret') throw new TypeError('a shared secret has no public half');
  return object.type === 'public' ? key : new LocalEncryptionKey(key.alg, key.kid, createPublicKey(object));
}
