/**
 * ECDH-ES (RFC 7518 section 4.6, RFC 8037 section 3.2): the agreed secret, and the key derived from it with Concat KDF.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromBase64url } from '../model/base64url.ts';
import { joinBytes } from './der.ts';
import { MONTGOMERY, WEIERSTRASS, isMontgomery, isWeierstrass, pointOf } from './elliptic.ts';
import type { Jwk } from './jwk.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** The shared secret of a private and a public key of one curve. Throws if the public point is invalid. */
export function agree(privateKey: Jwk, publicKey: Jwk): Bytes {
  const scalar = fromBase64url(privateKey.d ?? '');
  const { crv } = privateKey;
  if (crv !== publicKey.crv) throw new RangeError('two curves');
  if (isWeierstrass(crv)) return joinBytes(WEIERSTRASS[crv].getSharedSecret(scalar, pointOf(publicKey), true).slice(1));
  if (!isMontgomery(crv)) throw new RangeError('curve');
  return joinBytes(MONTGOMERY[crv].getSharedSecret(scalar, fromBase64url(publicKey.x ?? '')));
}

/** Concat KDF with SHA-256 (NIST SP 800-56A section 5.8.1, as RFC 7518 section 4.6.2 uses it). */
export function deriveKey(secret: Bytes, algorithm: string, keyBytes: number, apu: Bytes, apv: Bytes): Bytes {
  const id = new TextEncoder().encode(algorithm);
  const info = joinBytes(
    number32(id.length),
    id,
    number32(apu.length),
    apu,
    number32(apv.length),
    apv,
    number32(keyBytes * 8),
  );
  const rounds = Array.from({ length: Math.ceil(keyBytes / 32) }, (_, round) =>
    sha256(joinBytes(number32(round + 1), secret, info)),
  );
  return joinBytes(...rounds).slice(0, keyBytes);
}

function number32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
