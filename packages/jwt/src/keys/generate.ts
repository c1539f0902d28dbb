/** `generateKey`: a fresh private key or shared secret for one algorithm. */
import { generateKeyPairSync, generateKeySync, type KeyObject } from 'node:crypto';
import {
  ALGORITHMS,
  isAlgorithm,
  MAX_RSA_BITS,
  MIN_RSA_BITS,
  type Algorithm,
  type AlgorithmInfo,
} from '../algorithms.ts';
import { generateEncryptionKey, type EncryptionKey } from '../jwe/encryption-key.ts';
import { isEncryptionAlgorithm, type EncryptionAlgorithm } from '../jwe/jwe-algorithms.ts';
import { isKeyId } from '../parse/header.ts';
import { makeKey, type Key } from './key.ts';
import { thumbprint } from './thumbprint.ts';

/** Options of `generateKey`. */
export interface GenerateKeyOptions {
  /** Key id. Default: the RFC 7638 thumbprint of the public half; for a shared secret a random one, which tells nothing of it. */
  readonly kid?: string;
  /** Size of an RSA modulus, bits: 2,048 (the default) to 8,192. */
  readonly modulusBits?: number;
}

/**
 * Generates a private key (or, for HS256 to HS512, a secret as long as the hash). Synchronous: an RSA key takes around 100 ms.
 *
 * @throws {TypeError} for an unknown algorithm or an unusable option.
 */
export function generateKey(alg: Algorithm, options?: GenerateKeyOptions): Key;
export function generateKey(alg: EncryptionAlgorithm, options?: GenerateKeyOptions): EncryptionKey;
export function generateKey(
  alg: Algorithm | EncryptionAlgorithm,
  options: GenerateKeyOptions = {},
): Key | EncryptionKey {
  const { kid, modulusBits = 2_048 } = options;
  if (isEncryptionAlgorithm(alg)) return generateEncryptionKey(alg, kid);
  if (!isAlgorithm(alg)) throw new TypeError('generateKey: `alg` must name one supported algorithm');
  if (kid !== undefined && !isKeyId(kid))
    throw new TypeError('generateKey: `kid` must be 1 to 256 letters, digits and ._~:/+=@#-');
  if (!Number.isInteger(modulusBits) || modulusBits < MIN_RSA_BITS || modulusBits > MAX_RSA_BITS) {
    throw new TypeError(`generateKey: \`modulusBits\` must be ${MIN_RSA_BITS} to ${MAX_RSA_BITS}`);
  }
  const info = ALGORITHMS[alg];
  const object = generate(alg, info, modulusBits);
  if (kid !== undefined) return makeKey(alg, kid, object);
  if (info.family === 'hmac')
    return makeKey(alg, thumbprint(makeKey('HS256', undefined, generateKeySync('hmac', { length: 256 }))), object);
  return makeKey(alg, thumbprint(makeKey(alg, undefined, object)), object);
}

function generate(alg: Algorithm, info: AlgorithmInfo, modulusBits: number): KeyObject {
  switch (info.family) {
    case 'hmac':
      return generateKeySync('hmac', { length: info.signatureBytes * 8 });
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: modulusBits, publicExponent: 65_537 }).privateKey;
    case 'ec':
      return generateKeyPairSync('ec', { namedCurve: info.crv }).privateKey;
    case 'okp':
      return info.crv === 'Ed448' ? generateKeyPairSync('ed448').privateKey : generateKeyPairSync('ed25519').privateKey;
    case 'akp':
    default:
      return generateKeyPairSync(alg.toLowerCase() as 'ml-dsa-44').privateKey;
  }
}
