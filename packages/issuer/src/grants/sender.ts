/**
 * The key of a sender, as a token request proves it, and what of it a token carries: `cnf` (RFC 7800 section 3.1) with the thumbprint of a
 * DPoP key (RFC 9449 section 6.1) or of a client certificate (RFC 8705 section 3.1). `http/sender-proofs.ts` checks the proofs.
 */

export interface Sender {
  /** Thumbprint (RFC 7638) of the key of the request's DPoP proof. */
  readonly jkt?: string;
  /** SHA-256 thumbprint of the certificate of the client's TLS connection. */
  readonly certificate?: string;
}

/** A sender that proves nothing: tokens are bearer tokens. */
export const BEARER: Sender = {};

export interface ConfirmationClaim {
  readonly jkt?: string;
  readonly 'x5t#S256'?: string;
}

/** `cnf`; undefined for a bearer token. */
export function confirmationOf({ jkt, certificate }: Sender): ConfirmationClaim | undefined {
  if (jkt === undefined && certificate === undefined) return undefined;
  return {
    ...(jkt === undefined ? {} : { jkt }),
    ...(certificate === undefined ? {} : { 'x5t#S256': certificate }),
  };
}
