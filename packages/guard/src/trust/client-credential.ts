/** How a verifier names itself to an issuer: `client_secret_basic` (RFC 6749 section 2.3.1). */

export interface ClientCredential {
  readonly id: string;
  readonly secret: string;
}

/** Value of `Authorization`. Both parts are form-urlencoded before they are joined, as the section says. */
export function basicAuthorization({ id, secret }: ClientCredential): string {
  return `Basic ${Buffer.from(`${formEncode(id)}:${formEncode(secret)}`).toString('base64')}`;
}

/** `application/x-www-form-urlencoded` of one component (RFC 6749 appendix B). */
function formEncode(text: string): string {
  return new URLSearchParams([[text, '']]).toString().slice(0, -1);
}
