/** SHA-256 in one call (FIPS 180-4). By way of a string: asked for a buffer, Node makes a new allocation of its own for 32 bytes, at twice the cost. */
import { hash } from 'node:crypto';

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.from(hash('sha256', Buffer.concat(parts), 'latin1'), 'latin1');
}
