/** T1: tokens without a signature, and signatures that nobody checks (RFC 8725 section 3.1; CVE-2015-9235, CVE-2022-23540). */
import type { Attack, Probe, Scene } from '../attack.ts';
import { encodePart, randomSignature } from '../forge.ts';
import { tokenProbe } from '../probes.ts';

/** Tells an API that checks no signature at all: then forging in finer ways shows nothing more. */
export function anySignature({ subject }: Scene): Probe {
  const claims = encodePart({ ...subject.claims, sealgate_attack: true });
  return tokenProbe(
    'altered claims under a random signature',
    `${subject.parts[0]}.${claims}.${randomSignature(subject)}`,
  );
}

export const unsigned: Attack = {
  id: 'T1',
  title: 'unsigned token',
  why: 'Anybody can write a token for any user.',
  mend: 'Verify every token with a fixed list of algorithms that is configured and never read from the token; "none" is not on it.',
  severity: 'critical',
  probes: (scene) => {
    const { header, parts, alg } = scene.subject;
    const withAlg = (value: unknown): string => encodePart({ ...header, alg: value });
    const { alg: _alg, ...noAlg } = header;
    const unsignedForms: readonly (readonly [string, string])[] = [
      ...['none', 'None', 'NONE', 'nOnE', '', alg.toLowerCase()].map(
        (name) => [`alg ${JSON.stringify(name)}`, withAlg(name)] as const,
      ),
      ['alg missing', encodePart(noAlg)],
      ['alg null', withAlg(null)],
      ['alg a list', withAlg([alg])],
      [`alg ${JSON.stringify(alg)} unchanged`, parts[0]],
    ];
    return [
      anySignature(scene),
      ...unsignedForms.map(([name, first]) => tokenProbe(`${name}, empty signature`, `${first}.${parts[1]}.`)),
      tokenProbe('alg "none", no third part', `${withAlg('none')}.${parts[1]}`),
      tokenProbe('alg "none", the old signature', `${withAlg('none')}.${parts[1]}.${parts[2]}`),
    ];
  },
};
