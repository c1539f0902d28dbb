/** T4: the same key under another algorithm of its type, which the header alone names (RFC 8725 section 3.1; CVE-2026-22817). */
import type { Attack } from '../attack.ts';
import { forge, keySigner } from '../forge.ts';
import { tokenProbe } from '../probes.ts';

const SIBLINGS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'HS256', 'HS384', 'HS512'];

export const otherAlgorithm: Attack = {
  id: 'T4',
  title: 'algorithm chosen by the token',
  why: 'A weaker algorithm of the same key family can be forced, and the next confusion is one step away.',
  mend: 'Configure the one algorithm of each key; refuse a token that names another.',
  severity: 'medium',
  needs: 'an RSA or HMAC key to sign with: --signing-key FILE',
  probes: ({ given, subject }) =>
    SIBLINGS.filter((alg) => alg !== subject.alg).flatMap((alg) => {
      const signer = given.signingKey === undefined ? undefined : keySigner(alg, given.signingKey);
      if (signer === undefined) return [];
      return [
        tokenProbe(`${alg} in place of ${subject.alg}`, forge({ ...subject.header, alg }, subject.claims, signer)),
      ];
    }),
};
