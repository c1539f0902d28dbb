/** JWK thumbprints with SHA-256 (RFC 7638). */
import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64url } from '../model/base64url.ts';
import { type Jwk, thumbprintInput } from './jwk.ts';

export function thumbprint(jwk: Jwk): string {
  return toBase64url(sha256(new TextEncoder().encode(thumbprintInput(jwk))));
}
