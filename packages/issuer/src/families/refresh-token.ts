/**
 * The text of a refresh token: `sgr_`, 256 random bits in base64url, and a CRC-32 by which a secret scanner recognises one without
 * asking. One token has one spelling: everything else is refused before the database is asked. Knows nothing of families.
 */
import { crc32 } from 'node:zlib';
import type { Runtime } from '../runtime.ts';
import { sha256 } from '../secrets/sha256.ts';

export const REFRESH_TOKEN_PREFIX = 'sgr_';
const SECRET_BYTES = 32;
const SECRET_CHARACTERS = 43;
const PATTERN = /^sgr_[A-Za-z0-9_-]{43}[A-Za-z0-9_-]{6}$/u;

/** The 32 bytes of a refresh token; the text is made from them. */
export type RefreshSecret = Uint8Array;

export function createRefreshSecret(runtime: Runtime): RefreshSecret {
  return runtime.random(SECRET_BYTES);
}

export function formatRefreshToken(secret: RefreshSecret): string {
  const body = REFRESH_TOKEN_PREFIX + Buffer.from(secret).toString('base64url');
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return body + checksum.toString('base64url');
}

/** The bytes of a well-formed refresh token, or `undefined`. Whether it was ever issued is another question. */
export function parseRefreshToken(text: string): RefreshSecret | undefined {
  if (!PATTERN.test(text)) return undefined;
  const start = REFRESH_TOKEN_PREFIX.length;
  const secret = Buffer.from(text.slice(start, start + SECRET_CHARACTERS), 'base64url');
  // Writing it again catches a wrong checksum and spare bits that are not zero.
  return formatRefreshToken(secret) === text ? secret : undefined;
}

/** What the database keeps. The input has 256 bits of entropy: a plain hash cannot be searched. */
export function hashRefreshSecret(secret: RefreshSecret): Uint8Array {
  return derive('sealgate/refresh-token/v1', secret);
}

/** The key under which the successor is sealed: whoever holds the database alone cannot compute it. */
export function successorKey(secret: RefreshSecret): Uint8Array {
  return derive('sealgate/refresh-successor/v1', secret);
}

/** Unrelated values for different labels. Uniform input needs no slower derivation than one hash. */
function derive(label: string, secret: RefreshSecret): Buffer {
  return sha256(Buffer.from(label), secret);
}
