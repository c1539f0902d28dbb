/** T14: extensions that must be understood, and are not (RFC 7515 section 4.1.11, RFC 7797 section 7; CVE-2025-59420). */
import type { Attack } from '../attack.ts';
import { SIGNING_KEY_NEEDED, signedProbes } from '../signed-variants.ts';

export const criticalExtensions: Attack = {
  id: 'T14',
  title: '"crit" that is not honoured',
  why: 'A rule that the issuer attached to the token (bound to a key, one use only) is silently not applied.',
  mend: 'Refuse every token with a "crit" that names what you do not process, is empty or is no list, and "b64": false in a JWT.',
  severity: 'high',
  needs: SIGNING_KEY_NEEDED,
  probes: (scene) => {
    const { header } = scene.subject;
    return signedProbes(scene, [
      {
        name: 'an unknown extension',
        header: { ...header, crit: ['urn:sealgate:attack'], 'urn:sealgate:attack': true },
      },
      { name: 'an extension that is absent', header: { ...header, crit: ['urn:sealgate:attack'] } },
      { name: 'a registered header', header: { ...header, crit: ['alg'] } },
      { name: 'an empty list', header: { ...header, crit: [] } },
      { name: 'no list', header: { ...header, crit: 'exp' } },
      { name: '"b64": false', header: { ...header, crit: ['b64'], b64: false } },
      { name: '"b64": false, not in "crit"', header: { ...header, b64: false } },
    ]);
  },
};
