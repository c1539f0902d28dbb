/** T17: a payload that is no JSON object in UTF-8 (RFC 7519 section 7.2, RFC 8259 section 8.1). */
import type { Attack } from '../attack.ts';
import { SIGNING_KEY_NEEDED, signedProbes } from '../signed-variants.ts';

export const payload: Attack = {
  id: 'T17',
  title: 'payload that is no JSON object',
  why: 'Checks that ask for members find none and pass; two readers of broken text read two things.',
  mend: 'Decode as UTF-8 that fails on errors, parse strictly, and refuse all but an object.',
  severity: 'high',
  needs: SIGNING_KEY_NEEDED,
  probes: (scene) => {
    const text = JSON.stringify(scene.subject.claims);
    return signedProbes(scene, [
      { name: 'a list around the claims', payload: `[${text}]` },
      { name: 'a string', payload: '"claims"' },
      { name: 'a number', payload: '1' },
      { name: 'null', payload: 'null' },
      { name: 'empty', payload: '' },
      { name: 'no JSON', payload: 'claims' },
      { name: 'a byte order mark before the claims', payload: `\uFEFF${text}` },
      { name: 'something behind the claims', payload: `${text} x` },
      {
        name: 'octets that are no UTF-8',
        payload: Buffer.from(text.replace(/\}$/u, ',"sealgate_attack":"\u00ff"}'), 'latin1'),
      },
    ]);
  },
};
