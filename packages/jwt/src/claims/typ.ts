/**
 * The `typ` header: what kind of token this is (RFC 8725 section 3.11). Runs in a browser.
 */
import { refusal } from '../errors.ts';

/** Media types compare without case, and `application/` may be left out (RFC 7515 section 4.1.9). */
export function normaliseTyp(typ: string): string {
  const lower = typ.toLowerCase();
  return lower.startsWith('application/') && !lower.includes('/', 12) ? lower.slice(12) : lower;
}

/**
 * Throws unless the header's `typ` is one of `accepted` (already normalised). With nothing accepted by name, only a plain JWT
 * passes: `typ` absent or `JWT`, so that no logout token or DPoP proof does.
 *
 * @throws {JwtError} `typ_mismatch`.
 */
export function assertTyp(typ: string | undefined, accepted: readonly string[] | undefined): void {
  if (typ === undefined) {
    if (accepted === undefined) return;
    throw refusal('typ_mismatch', { member: 'typ', reason: 'missing' });
  }
  if (
    accepted === undefined
      ? normaliseTyp(typ) !== 'jwt'
      : !accepted.includes(typ) && !accepted.includes(normaliseTyp(typ))
  ) {
    throw refusal('typ_mismatch', { member: 'typ' });
  }
}
