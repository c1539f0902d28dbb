/** G2 and G5: identity headers that a client sets itself, in every spelling (CVE-2025-64484, CVE-2026-39998). */
import type { Attack, Probe } from '../attack.ts';
import { similarity } from '../judge/similarity.ts';
import { bearer, requestProbe } from '../probes.ts';
import { tryReflection } from '../reflection.ts';
import type { Subject } from '../subject.ts';
import type { Header } from '../wire/http-exchange.ts';

const NAMES =
  `x-user-id x-user x-username x-user-email x-user-roles x-roles x-forwarded-user x-forwarded-email x-auth-request-user
  x-authenticated-user x-authenticated-userid x-remote-user remote-user x-consumer-id x-consumer-username x-client-id x-tenant-id
  x-auth-subject x-jwt-claim-sub x-amzn-oidc-identity x-goog-authenticated-user-email cf-access-authenticated-user-email`.split(
    /\s+/u,
  );

const CANARY = 'sealgate-forged-user';

export const identityHeaders: Attack = {
  id: 'G2',
  title: 'forged identity header',
  why: 'Whoever reaches the API writes the name of any user into a header, and is that user.',
  mend: 'Remove every spelling of an identity header at the edge before setting it; let the API check the token itself.',
  severity: 'critical',
  probes: ({ target, subject, given }) => {
    const user =
      typeof subject.claims.sub === 'string' && /^[\x20-\x7e]+$/u.test(subject.claims.sub)
        ? subject.claims.sub
        : 'admin';
    const without = (name: string, headers: readonly Header[]) =>
      requestProbe(`${name}, no token`, { target, headers });
    return [
      ...NAMES.map((name) => without(name, [[name, user]])),
      without('x_user_id', [['x_user_id', user]]),
      without('x-user-id twice', [
        ['x-user-id', ''],
        ['x-user-id', user],
      ]),
      without('x-user-id with a tab behind it', [['x-user-id', `${user}\t`]]),
      without('x-user-id and x-user-roles', [
        ['x-user-id', user],
        ['x-user-roles', 'admin'],
      ]),
      ...[...NAMES, 'x_user_id', 'X-USER_ID'].map(beside),
      ...(given.secondUser === undefined ? [] : NAMES.map(asSecondUser(given.secondUser))),
    ];
  },
};

/** The valid token, and somebody else's name beside it. */
function beside(name: string): Probe {
  return { name: `${name} beside the token`, attempt: (lab) => tryReflection(lab, [name, CANARY]) };
}

/** The valid token, and the name of a user whose answer is known: accepted if that answer comes. */
function asSecondUser({ token, claims }: Subject): (name: string) => Probe {
  return (name) => ({
    name: `${name} of the second user beside the token`,
    async attempt(lab) {
      const { target, subject } = lab.scene;
      const ask = async (own: string, more: readonly Header[]) =>
        (await lab.send({ target, headers: [bearer(own), ...more] }))?.body ?? '';
      const [own, other] = [await ask(subject.token, []), await ask(token, [])];
      const forged = await ask(subject.token, [[name, typeof claims.sub === 'string' ? claims.sub : '']]);
      return { outcome: similarity(forged, other) > similarity(forged, own) ? 'accepted' : 'refused' };
    },
  });
}
