/**
 * What a verified token amounts to before anybody asks whether it was revoked: a principal, or a reason to refuse it.
 *
 * Depends on the token alone, so it is made once for each token that the verifier's cache keeps, and found again by the identity of its claims. It
 * lives exactly as long as those claims: nothing here has to be purged. Of other tokens it is made and forgotten.
 */
import type { Accepted } from '@sealgate/jwt';
import { readTokenRef } from '../revocation/token-ref.ts';
import { Principal, type VerifiedClaims } from './principal.ts';
import { readBinding, type SenderBinding } from './sender-binding.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';
import type { Allowed } from './verdict.ts';

/** A verdict that admits somebody. */
export type Admitted = Allowed & { readonly principal: Principal };

export type Standing =
  | { readonly ok: true; readonly admitted: Admitted; readonly binding: SenderBinding | undefined }
  | { readonly ok: false; readonly why: string; readonly source?: string };

const standings = new WeakMap<VerifiedClaims, Standing>();

export function standingOf(verified: Accepted, token: string, issuer: TrustedIssuer): Standing {
  if (!verified.cached) return makeStanding(verified, token, issuer);
  const known = standings.get(verified.claims);
  if (known !== undefined) return known;
  const made = Object.freeze(makeStanding(verified, ownText(token), issuer));
  standings.set(verified.claims, made);
  return made;
}

/** A copy: the token may have been cut from the text of a whole request, which would be held with it. */
function ownText(token: string): string {
  return Buffer.from(token, 'latin1').toString('latin1');
}

function makeStanding(verified: Accepted, token: string, issuer: TrustedIssuer): Standing {
  const { claims, kid, expiresAtSeconds } = verified;
  const binding = readBinding(claims);
  if (binding !== undefined && 'unusable' in binding) {
    return { ok: false, why: binding.unusable, source: 'RFC 9449 section 7.2, RFC 8705 section 3' };
  }
  const { revocation } = issuer;
  const tokenRef = revocation === undefined ? undefined : readTokenRef(claims, kid, revocation.statusListPrefix);
  if (tokenRef !== undefined && 'malformed' in tokenRef) {
    return { ok: false, why: `claim "${tokenRef.malformed}" is malformed, so that revocation cannot be judged` };
  }
  const principal = new Principal(
    { token, claims, tokenRef, issuer: verified.issuer, issuerName: issuer.name, expiresAtSeconds },
    issuer.mapping,
  );
  return { ok: true, admitted: Object.freeze({ allow: true, principal }), binding };
}
