/** One guess at the secret of an HMAC signature (RFC 7518 section 3.2). */
import { createHmac } from 'node:crypto';

export interface Target {
  /** The characters that the signature covers. */
  readonly signingInput: string;
  readonly signature: Uint8Array;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
}

/** Says of a secret whether it made the signature. */
export function guesser({ signingInput, signature, hash }: Target): (secret: string) => boolean {
  const input = Buffer.from(signingInput, 'latin1');
  const wanted = Buffer.from(signature);
  return (secret) => createHmac(hash, secret).update(input).digest().equals(wanted);
}
