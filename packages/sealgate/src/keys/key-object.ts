/**
 * A key of any form as a `KeyObject`, to see of what type it is and which algorithms it could serve. Nothing is decided by it: whether a key may
 * be used is decided by `importKey`.
 */
import { createPrivateKey, createPublicKey, createSecretKey, X509Certificate } from 'node:crypto';
import type { KeyObject, webcrypto } from 'node:crypto';
import { ALGORITHMS, isAlgorithm } from '@sealgate/jwt';
import type { Algorithm } from '@sealgate/jwt';
import { ENCRYPTION_ALGORITHMS, isEncryptionAlgorithm } from '@sealgate/jwt/jwe';
import type { EncryptionAlgorithm } from '@sealgate/jwt/jwe';
import type { KeyMaterial } from './key-material.ts';

/** The key, or undefined where no key can be read. Private where the material is. */
export function keyObjectOf(material: Exclude<KeyMaterial, { form: 'jwks' }>): KeyObject | undefined {
  for (const attempt of attemptsFor(material)) {
    try {
      return attempt();
    } catch {
      // Not that form.
    }
  }
  return undefined;
}

function attemptsFor(material: Exclude<KeyMaterial, { form: 'jwks' }>): readonly (() => KeyObject)[] {
  if (material.form === 'jwk') {
    const key: webcrypto.JsonWebKey = material.jwk;
    if (key.kty === 'oct') return [() => createSecretKey(Buffer.from(key.k ?? '', 'base64url'))];
    return [() => createPrivateKey({ key, format: 'jwk' }), () => createPublicKey({ key, format: 'jwk' })];
  }
  if (material.form === 'pem') {
    const { text } = material;
    if (material.label === 'CERTIFICATE') return [() => new X509Certificate(text).publicKey];
    return [() => createPrivateKey(text), () => createPublicKey(text)];
  }
  const key = Buffer.from(material.bytes);
  return [
    () => createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
    () => createPrivateKey({ key, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key, format: 'der', type: 'sec1' }),
    () => createPublicKey({ key, format: 'der', type: 'spki' }),
    () => createPublicKey({ key, format: 'der', type: 'pkcs1' }),
    () => new X509Certificate(key).publicKey,
  ];
}

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  secp256k1: 'secp256k1',
};

/** `RSA, 2048 bits`, `EC, P-256`, `Ed25519`, `secret, 256 bits`. */
export function describeKeyObject(object: KeyObject): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = object;
  if (type === undefined) return `secret, ${(object.symmetricKeySize ?? 0) * 8} bits`;
  if (type === 'rsa') return `RSA, ${details?.modulusLength ?? 0} bits`;
  if (type === 'ec') return `EC, ${CURVES[details?.namedCurve ?? ''] ?? details?.namedCurve ?? 'unknown curve'}`;
  return type.startsWith('ml-') ? type.toUpperCase() : `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
}

/** The signature algorithms that a key of this type can serve, the customary first. */
export function signatureAlgorithmsFor(object: KeyObject): readonly Algorithm[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = object;
  const fits = (name: Algorithm): boolean => {
    const info = ALGORITHMS[name];
    switch (info.family) {
      case 'hmac':
        return type === undefined && (object.symmetricKeySize ?? 0) >= info.signatureBytes;
      case 'rsa':
        return type === 'rsa';
      case 'ec':
        return type === 'ec' && CURVES[details?.namedCurve ?? ''] === info.crv;
      case 'okp':
        return type === info.crv.toLowerCase() && name !== 'EdDSA';
      case 'akp':
      default:
        return type === name.toLowerCase();
    }
  };
  return Object.keys(ALGORITHMS).filter(isAlgorithm).filter(fits);
}

/** The key management algorithms that a key of this type can serve. */
export function encryptionAlgorithmsFor(object: KeyObject): readonly EncryptionAlgorithm[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details, symmetricKeySize: bytes = 0 } = object;
  const isAgreement = type === 'x25519' || (type === 'ec' && details?.namedCurve !== 'secp256k1');
  const fits = (name: EncryptionAlgorithm): boolean => {
    const info = ENCRYPTION_ALGORITHMS[name];
    switch (info.family) {
      case 'rsa':
        return type === 'rsa';
      case 'ecdh':
        return isAgreement;
      case 'wrap':
        return type === undefined && info.keyBytes === bytes;
      case 'direct':
      default:
        return type === undefined && [16, 24, 32, 48, 64].includes(bytes);
    }
  };
  return Object.keys(ENCRYPTION_ALGORITHMS).filter(isEncryptionAlgorithm).filter(fits);
}
