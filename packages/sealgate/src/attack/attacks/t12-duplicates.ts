/** T12: members that stand twice, so that two readers read two tokens (RFC 7515 section 4, RFC 7519 section 4). */
import type { Attack } from '../attack.ts';
import { SIGNING_KEY_NEEDED, signedProbes } from '../signed-variants.ts';

export const duplicates: Attack = {
  id: 'T12',
  title: 'duplicate members',
  why: 'The gateway takes the first value and the service behind it the last: each checks another token.',
  mend: 'Parse header and payload with a reader that refuses a member that stands twice, at any depth.',
  severity: 'medium',
  needs: SIGNING_KEY_NEEDED,
  probes: (scene) => {
    const { header, claims } = scene.subject;
    const [headerText, payloadText] = [JSON.stringify(header), JSON.stringify(claims)];
    // The true value stands last, where most readers find it: the rest of the token is as before.
    const before = (text: string, member: string) => `{${member},${text.slice(1)}`;
    return signedProbes(scene, [
      { name: '"alg" twice in the header', header: before(headerText, '"alg":"none"') },
      {
        name: '"kid" twice in the header',
        header: before(headerText, '"kid":"x"').replace(/\}$/u, keepKid(header.kid)),
      },
      { name: '"sub" twice in the payload', payload: before(payloadText, '"sub":"admin"') },
      { name: '"exp" twice in the payload', payload: before(payloadText, '"exp":1') },
      { name: '"sub" twice, once with an escape', payload: before(payloadText, '"s\\u0075b":"admin"') },
      { name: 'a member twice, one level down', payload: before(payloadText, '"act":{"sub":"a","sub":"b"}') },
    ]);
  },
};

/** Where the token has no kid, the first of the two would count alone. */
function keepKid(kid: unknown): string {
  return kid === undefined ? ',"kid":"x"}' : '}';
}
