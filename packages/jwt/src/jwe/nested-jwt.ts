/**
 * Nested JWT: signed, then encrypted (RFC 7519 section 5.2 and appendix A.2).
 *
 * The inner signature is mandatory: an encrypted token without one could have been written by anybody who knows the public key.
 */
import { refusal } from '../errors.ts';
import type { Key } from '../keys/key.ts';
import { signJwt, type ClaimsToSign, type SignJwtOptions } from '../jws/sign-jwt.ts';
import type { RemoteVerifier, Verifier } from '../verify/create-verifier.ts';
import type { VerifiedJwt } from '../verify/outcome.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { decryptJwe, encryptJwe, type DecryptJweOptions } from './jwe.ts';
import type { ContentEncryption } from './jwe-algorithms.ts';
import type { JweHeader } from './jwe-form.ts';

/** How `signAndEncryptJwt` signs and encrypts (RFC 7519 section 5.2). */
export interface NestedJwtOptions {
  /** As for `signJwt`. */
  readonly sign: SignJwtOptions<Key>;
  /** As for `encryptJwe`. */
  readonly encrypt: { readonly key: EncryptionKey; readonly enc?: ContentEncryption };
}

/** Signs claims and encrypts the result. */
export function signAndEncryptJwt(claims: ClaimsToSign, options: NestedJwtOptions): Promise<string> {
  return encryptJwe(signJwt(claims, options.sign), { ...options.encrypt, cty: 'JWT' });
}

/**
 * Decrypts, then verifies the token inside with `verifier`.
 *
 * @throws {JwtError} as `decryptJwe` and `verifier.verify`; `typ_mismatch` when the content is not declared a JWT.
 */
export async function decryptAndVerifyJwt<Output>(
  token: string,
  key: EncryptionKey,
  verifier: Verifier<Output> | RemoteVerifier<Output>,
  options: DecryptJweOptions,
): Promise<VerifiedJwt<Output> & { readonly encryptionHeader: JweHeader }> {
  const { header, plaintext } = await decryptJwe(token, key, options);
  if (header.cty?.toLowerCase() !== 'jwt')
    throw refusal('typ_mismatch', { member: 'cty', reason: 'a nested token must have cty "JWT"' });
  const inner = Buffer.from(plaintext).toString('latin1');
  const verified = await verifier.verify(inner);
  return { ...verified, encryptionHeader: header };
}
