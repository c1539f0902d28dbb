/**
 * Puts tokens together that no library would: any header, any payload, any signature (RFC 7515 section 5.1 without its rules). Only for
 * attacks; what issues tokens is `signJwt` of `@sealgate/jwt`.
 */
import { constants, createHmac, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Subject } from './subject.ts';

/** Text and bytes are taken as they are; anything else as JSON. */
export type Part = string | Uint8Array | object;

export function encodePart(part: Part): string {
  const bytes = typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part);
  return Buffer.from(bytes).toString('base64url');
}

export function forge(header: Part, payload: Part, signer: (input: Buffer) => Uint8Array): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  return `${input}.${Buffer.from(signer(Buffer.from(input))).toString('base64url')}`;
}

/** HMAC by the name of the algorithm: `HS256`, `HS384`, `HS512`. */
export function hmacSigner(alg: string, secret: string | Uint8Array): (input: Buffer) => Uint8Array {
  return (input) =>
    createHmac(`sha${alg.slice(2)}`, secret)
      .update(input)
      .digest();
}

/** As long as the valid one. */
export function randomSignature({ signature }: Subject): string {
  return randomBytes(signature.length).toString('base64url');
}

/** What a key must be to sign with an algorithm (RFC 7518 section 3.1, RFC 8037, RFC 8812, RFC 9964). */
const KEY_TYPES: readonly (readonly [algorithm: RegExp, type: string, curve?: string])[] = [
  [/^[RP]S(?:256|384|512)$/u, 'rsa'],
  [/^ES256$/u, 'ec', 'prime256v1'],
  [/^ES384$/u, 'ec', 'secp384r1'],
  [/^ES512$/u, 'ec', 'secp521r1'],
  [/^ES256K$/u, 'ec', 'secp256k1'],
  [/^(?:EdDSA|Ed25519)$/u, 'ed25519'],
  [/^(?:EdDSA|Ed448)$/u, 'ed448'],
  [/^ML-DSA-44$/u, 'ml-dsa-44'],
  [/^ML-DSA-65$/u, 'ml-dsa-65'],
  [/^ML-DSA-87$/u, 'ml-dsa-87'],
];

/** A signer for the algorithm; undefined if key and algorithm do not fit. */
export function keySigner(alg: string, key: KeyObject): ((input: Buffer) => Uint8Array) | undefined {
  if (key.type === 'secret') return /^HS(?:256|384|512)$/u.test(alg) ? hmacSigner(alg, key.export()) : undefined;
  const fits = KEY_TYPES.some(
    ([algorithm, type, curve]) =>
      algorithm.test(alg) &&
      key.asymmetricKeyType === type &&
      (curve === undefined || key.asymmetricKeyDetails?.namedCurve === curve),
  );
  if (!fits) return undefined;
  const hash = alg === 'ES256K' ? 'sha256' : /^[A-Z]S\d{3}$/u.test(alg) ? `sha${alg.slice(2)}` : undefined;
  if (alg.startsWith('ES')) return (input) => sign(hash, input, { key, dsaEncoding: 'ieee-p1363' });
  if (!alg.startsWith('PS')) return (input) => sign(hash, input, key);
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return (input) => sign(hash, input, pss);
}
