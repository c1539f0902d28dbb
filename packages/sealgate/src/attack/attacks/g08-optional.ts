/** G8: optional means that the token may be absent, not that it may be invalid (CVE-2021-21378). */
import type { Attack, Probe } from '../attack.ts';
import { encodePart, randomSignature } from '../forge.ts';
import { bearer } from '../probes.ts';
import { similarity } from '../judge/similarity.ts';
import type { Answer } from '../wire/http-exchange.ts';

export const optional: Attack = {
  id: 'G8',
  title: 'invalid token where one is optional',
  why: 'A user whose token is forged, expired or revoked is served all the same, and nobody notices.',
  mend: 'Where a token is optional, refuse one that is present and invalid, as everywhere else.',
  severity: 'low',
  needs: 'a path that answers with and without a token: --optional PATH',
  probes: ({ given, subject }) => {
    const { optionalPath, others } = given;
    if (optionalPath === undefined) return [];
    const [header, payload] = subject.parts;
    const unsigned = encodePart({ ...subject.header, alg: 'none' });
    return [
      served(optionalPath, 'garbage', 'garbage'),
      served(optionalPath, 'a random signature', `${header}.${payload}.${randomSignature(subject)}`),
      served(optionalPath, 'alg "none"', `${unsigned}.${payload}.`),
      ...(others.expired === undefined ? [] : [served(optionalPath, 'an expired token', others.expired)]),
    ];
  },
};

/** Refused is a 4xx here. Served as nobody is the fault; served as the user is another one, which T1 finds. */
function served(target: string, name: string, token: string): Probe {
  return {
    name,
    async attempt(lab) {
      const answer = await lab.send({ target, headers: [bearer(token)] });
      if (answer === undefined || answer.status >= 500) return lab.judge(answer);
      if (answer.status >= 400) return { outcome: 'refused' };
      const nobody = await lab.send({ target, headers: [] });
      const user = await lab.send({ target, headers: [bearer(lab.scene.subject.token)] });
      const like = (other: Answer | undefined) => (other === undefined ? 0 : similarity(answer.body, other.body));
      if (nobody?.status !== answer.status || like(nobody) < like(user)) {
        return { outcome: 'unclear', note: `answered ${answer.status}, but not as without a token` };
      }
      return { outcome: 'accepted', note: `answered ${answer.status}, as though there were no token` };
    },
  };
}
