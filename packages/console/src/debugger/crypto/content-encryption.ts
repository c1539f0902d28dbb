/**
 * The content of a JWE (RFC 7518 section 5): AES-GCM, and AES-CBC with HMAC. On @noble/ciphers, since Chromium's WebCrypto has no
 * AES with keys of 192 bits.
 */
import { cbc, gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { CONTENT_ENCRYPTIONS, type ContentEncryption } from './algorithms.ts';
import { joinBytes } from './der.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface Sealed {
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
  readonly tag: Bytes;
}

const HASHES = { 16: sha256, 24: sha384, 32: sha512 } as const;

/** Length of the initialization vector in bytes. */
export function ivBytes(enc: ContentEncryption): number {
  return CONTENT_ENCRYPTIONS[enc].mode === 'GCM' ? 12 : 16;
}

export function seal(enc: ContentEncryption, key: Bytes, iv: Bytes, plaintext: Bytes, aad: Bytes): Sealed {
  if (CONTENT_ENCRYPTIONS[enc].mode === 'GCM') {
    const joined = gcm(key, iv, aad).encrypt(plaintext);
    return { iv, ciphertext: joined.slice(0, -16), tag: joined.slice(-16) };
  }
  const ciphertext = joinBytes(cbc(key.slice(key.length / 2), iv).encrypt(plaintext));
  return { iv, ciphertext, tag: cbcTag(key, iv, ciphertext, aad) };
}

/** @throws if the tag does not fit: another key, or something was changed. */
export function open(enc: ContentEncryption, key: Bytes, { iv, ciphertext, tag }: Sealed, aad: Bytes): Bytes {
  if (CONTENT_ENCRYPTIONS[enc].mode === 'GCM') {
    if (tag.length !== 16) throw new RangeError('tag length');
    return joinBytes(gcm(key, iv, aad).decrypt(joinBytes(ciphertext, tag)));
  }
  const expected = cbcTag(key, iv, ciphertext, aad);
  if (expected.length !== tag.length || expected.some((byte, index) => byte !== tag[index]))
    throw new RangeError('tag');
  return joinBytes(cbc(key.slice(key.length / 2), iv).decrypt(ciphertext));
}

/** HMAC over aad, iv, ciphertext and the length of aad in bits, cut to half (RFC 7518 section 5.2.2.1). */
function cbcTag(key: Bytes, iv: Bytes, ciphertext: Bytes, aad: Bytes): Bytes {
  const half = key.length / 2;
  const hash = half === 16 ? HASHES[16] : half === 24 ? HASHES[24] : HASHES[32];
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(4, aad.length * 8);
  return joinBytes(hmac(hash, key.slice(0, half), joinBytes(aad, iv, ciphertext, length)).slice(0, half));
}
