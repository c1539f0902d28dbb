/** The whole check of a token, in order; whatever goes wrong refuses it. */
import type { FaultName } from '../faults.ts';
import type { TokenDesk } from '../token-desk.ts';
import { checkClaims } from './claims.ts';
import type { Claims } from './claims.ts';
import { decrypt, verifySignature } from './signature.ts';
import { readForm } from './token-form.ts';

export interface TokenCheck {
  /** The claims of a valid token. @throws {Error} */
  verify(token: string): Promise<Claims>;
  /** @throws {Error} */
  revoke(token: string): Promise<void>;
}

export function createTokenCheck(desk: TokenDesk, faults: ReadonlySet<FaultName>): TokenCheck {
  const revoked = new Set<string>();
  const check: TokenCheck = {
    async verify(token) {
      if (faults.has('encrypted-is-trusted') && token.split('.').length === 5) {
        return checkClaims(await decrypt(token, desk), faults);
      }
      const form = readForm(token, faults);
      const { header } = form;
      // FAULT any-typ
      if (!faults.has('any-typ') && header.typ !== 'at+jwt') throw new Error('no access token');
      // FAULT crit-ignored
      if (!faults.has('crit-ignored') && ('crit' in header || 'b64' in header)) throw new Error('an unknown extension');
      const claims = checkClaims(await verifySignature(token, form, desk, faults), faults);
      if (revoked.has(claims.jti) || revoked.has(token)) throw new Error('revoked');
      return claims;
    },
    async revoke(token) {
      const { jti } = await check.verify(token);
      // FAULT revocation-forgotten
      if (faults.has('revocation-forgotten')) return;
      // FAULT revoked-by-text
      revoked.add(faults.has('revoked-by-text') ? token : jti);
    },
  };
  return check;
}
