/** T21: a verdict that outlives its reason: a revoked token, and a cache that knows a token by a part of it (CVE-2026-35039). */
import type { Attack, Probe } from '../attack.ts';
import { encodePart, randomSignature } from '../forge.ts';
import { bearer, tokenProbe, tryRequest } from '../probes.ts';
import { anySignature } from './t01-unsigned.ts';

export const revoked: Attack = {
  id: 'T21',
  title: 'verdict that outlives its reason',
  why: 'After a log-out or a theft the token goes on working; or one user’s verdict is served to another.',
  mend: 'Ask the revocations on every request, also for a token whose check is cached; key the cache on the whole token.',
  severity: 'high',
  endsToken: true,
  probes: ({ subject, given }) => {
    const [header, payload, signature] = subject.parts;
    const other = encodePart({ ...subject.claims, sealgate_attack: true });
    return [
      fromCache('other claims under a signature that was seen', `${header}.${other}.${signature}`),
      fromCache('a random signature under claims that were seen', `${header}.${payload}.${randomSignature(subject)}`),
      ...(given.others.revoked === undefined ? [] : [tokenProbe('a revoked token', given.others.revoked)]),
      ...(given.logoutUrl === undefined ? [] : [loggedOut(subject.token)]),
    ];
  },
};

/** Accepted counts only where signatures are checked at all: what nobody has seen must be refused. */
function fromCache(name: string, token: string): Probe {
  const { attempt } = tokenProbe(name, token);
  return {
    name,
    async attempt(lab) {
      const tried = await attempt(lab);
      if (tried.outcome !== 'accepted') return tried;
      const unseen = await anySignature(lab.scene).attempt(lab);
      return unseen.outcome === 'accepted' ? { outcome: 'unclear', note: 'no signature is checked: see T1' } : tried;
    },
  };
}

function loggedOut(token: string): Probe {
  return {
    name: 'the token itself, after the log-out was answered',
    async attempt(lab) {
      await lab.logOut();
      return tryRequest(lab, { target: lab.scene.target, headers: [bearer(token)] });
    },
  };
}
