/**
 * To whose key a token is bound: the `cnf` claim (RFC 7800 section 3.1), by DPoP (RFC 9449 section 6.1) or by a certificate
 * (RFC 8705 section 3.1).
 *
 * Reads the claim only; whether the sender holds the key is judged in `sender-proof.ts`. A token that is bound in a way
 * that cannot be checked here is refused: taken as a bearer token, the binding would be undone.
 */
import { isJsonObject } from '../json.ts';
import type { VerifiedClaims } from './principal.ts';

/** Every member that is given must be proven. */
export interface SenderBinding {
  /** Thumbprint of the key that DPoP proofs must be signed with. */
  readonly jkt: string | undefined;
  /** SHA-256 thumbprint of the client certificate. */
  readonly certificate: string | undefined;
}

/** 32 octets, base64url. */
const SHA256 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The binding, undefined for a bearer token, or why the claim cannot be honoured. */
export function readBinding(claims: VerifiedClaims): SenderBinding | undefined | { readonly unusable: string } {
  if (!Object.hasOwn(claims, 'cnf')) return undefined;
  const { cnf } = claims;
  if (!isJsonObject(cnf)) return { unusable: 'cnf is not an object' };
  const jkt = Object.hasOwn(cnf, 'jkt') ? cnf['jkt'] : undefined;
  const certificate = Object.hasOwn(cnf, 'x5t#S256') ? cnf['x5t#S256'] : undefined;
  // Others are ignored beside one that is understood, "in the absence of such requirements" (RFC 7800 section 3.1).
  if (jkt === undefined && certificate === undefined) {
    return { unusable: 'cnf names neither jkt nor x5t#S256, so that possession cannot be checked' };
  }
  if (!isThumbprint(jkt) || !isThumbprint(certificate)) return { unusable: 'cnf holds what is no SHA-256 thumbprint' };
  return { jkt, certificate };
}

function isThumbprint(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && SHA256.test(value));
}
