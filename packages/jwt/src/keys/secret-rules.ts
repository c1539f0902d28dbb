/**
 * What may become an HMAC secret (RFC 7518 section 3.2): random bytes at least as long as the hash, and nothing that is really
 * a public key. An HMAC keyed by a public key is a signature that everyone can make (RFC 8725 section 2.1).
 */
import { createPublicKey } from 'node:crypto';
import { JwtError } from '../errors.ts';

const KEY_TEXT = /-----BEGIN |"kty"\s*:|^\s*(?:ssh-|ecdsa-sha2-|sk-ssh-)/u;

/** @throws {JwtError} `key_too_weak`, `key_confusion`. */
export function assertSecret(secret: Uint8Array, minimumBytes: number): void {
  if (secret.length < minimumBytes) {
    throw new JwtError('key_too_weak', { reason: `a secret of ${secret.length} bytes`, limit: minimumBytes });
  }
  if (secret.every((byte) => byte === secret[0])) throw new JwtError('key_too_weak', { reason: 'one byte repeated' });
  if (KEY_TEXT.test(Buffer.from(secret).toString('latin1')) || isDerPublicKey(secret))
    throw new JwtError('key_confusion');
}

function isDerPublicKey(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false;
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      createPublicKey({ key: Buffer.from(bytes), format: 'der', type });
      return true;
    } catch {
      // Not that form.
    }
  }
  return false;
}
