/** Makes a compact JWS from header and payload text as they are (RFC 7515 section 7.1): what is signed is what was written. */
import { textToBase64url, toBase64url } from '../model/base64url.ts';
import type { SignatureAlgorithm } from './algorithms.ts';
import type { Jwk } from './jwk.ts';
import { signBytes } from './signature.ts';

/** @param header - JSON text; its `alg` must be `algorithm`. */
export async function signCompact(
  header: string,
  payload: string,
  algorithm: SignatureAlgorithm,
  jwk: Jwk,
): Promise<string> {
  const input = `${textToBase64url(header)}.${textToBase64url(payload)}`;
  return `${input}.${toBase64url(await signBytes(algorithm, jwk, new TextEncoder().encode(input)))}`;
}

/** Signs claims under a header that names the key. */
export function signClaims(
  claims: object,
  { algorithm, jwk, header = {} }: { algorithm: SignatureAlgorithm; jwk: Jwk; header?: object },
): Promise<string> {
  const kid = jwk.kid === undefined ? {} : { kid: jwk.kid };
  return signCompact(JSON.stringify({ alg: algorithm, ...kid, ...header }), JSON.stringify(claims), algorithm, jwk);
}
