/** T20: a revoked token under another text: the same claims, a signature that verifies as well (RFC 8725 section 3.3 speaks of the rest). */
import type { Attack, Lab, Probe, Tried } from '../attack.ts';
import { nextInAlphabet, unusedBits } from '../base64url.ts';
import { bigToBytes, bytesToBig, CURVES } from '../curves.ts';
import { bearer, tryRequest } from '../probes.ts';
import { parseSubject } from '../subject.ts';
import type { Subject } from '../subject.ts';

export const twins: Attack = {
  id: 'T20',
  title: 'twin of a revoked token',
  why: 'Who holds a revoked token changes one character of it and goes on.',
  mend: 'Key deny-lists on issuer and "jti", never on the text of the token or a hash of it.',
  severity: 'high',
  needs: '--revoked-token FILE or --logout URL',
  endsToken: true,
  probes: (scene) => {
    const revoked =
      scene.given.others.revoked ?? (scene.given.logoutUrl === undefined ? undefined : scene.subject.token);
    if (revoked === undefined) return [];
    return twinsOf(parseSubject(revoked, '--revoked-token')).map(([name, token]) => twinProbe(name, token, revoked));
  },
};

function twinProbe(name: string, twin: string, revoked: string): Probe {
  return {
    name,
    async attempt(lab) {
      await lab.logOut();
      // Where the revoked token itself still passes, its twin shows nothing: that is T21.
      if ((await tryToken(lab, revoked)).outcome !== 'refused')
        return { outcome: 'unclear', note: 'the revoked token passes too' };
      return tryToken(lab, twin);
    },
  };
}

function tryToken(lab: Lab, token: string): Promise<Tried> {
  return tryRequest(lab, { target: lab.scene.target, headers: [bearer(token)] });
}

function twinsOf({ alg, parts, signature }: Subject): readonly (readonly [name: string, token: string])[] {
  const [first, second, third] = parts;
  const spelled = (text: string) => `${first}.${second}.${text}`;
  const curve = CURVES[alg];
  const forms: (readonly [string, string])[] = [];
  if (curve !== undefined) {
    const s = curve.order - bytesToBig(signature.subarray(curve.bytes));
    const twin = Buffer.concat([signature.subarray(0, curve.bytes), bigToBytes(s, curve.bytes)]);
    forms.push(['the other of the two ECDSA signatures (r, n - s)', spelled(twin.toString('base64url'))]);
  }
  if (unusedBits(third) > 0) forms.push(['unused bits that are not zero', spelled(nextInAlphabet(third))]);
  forms.push(['padded with "="', spelled(`${third}=`)]);
  return forms;
}
