/**
 * Sealing: AES-256-GCM (NIST SP 800-38D) with a random nonce and a context that must be the same on opening, so that a sealed value
 * cannot be moved to another row or used for another purpose. Layout: nonce (12 bytes), tag (16), ciphertext.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { IssuerError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param context - Says what is sealed and where it belongs. Not secret; not stored. */
export function seal(plain: Uint8Array, key: Uint8Array, context: string, runtime: Runtime): Uint8Array {
  const nonce = runtime.random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** @throws {IssuerError} `sealed_data_rejected`. */
export function open(sealed: Uint8Array, key: Uint8Array, context: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new IssuerError('sealed_data_rejected', undefined, { cause: error });
  }
}
