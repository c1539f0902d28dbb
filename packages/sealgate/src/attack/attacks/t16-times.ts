/** T16: times that are past, to come, or no times (RFC 7519 sections 4.1.4 to 4.1.6; CVE-2026-25537). */
import type { Attack } from '../attack.ts';
import { tokenProbe } from '../probes.ts';
import { signedProbes, withClaims } from '../signed-variants.ts';

/** Past every clock skew that a sensible API allows. */
const LONG_SECONDS = 7200;

export const times: Attack = {
  id: 'T16',
  title: 'times that do not hold',
  why: 'A token that never dies is a password that cannot be changed; a stolen one works for good.',
  mend: 'Demand "exp"; take only finite numbers for times; a value of another type is an error, not absent.',
  severity: 'high',
  needs: '--expired-token FILE or --signing-key FILE',
  probes: (scene) => {
    const { given, subject, nowSeconds } = scene;
    const { claims } = subject;
    const { expired } = given.others;
    const now = Math.floor(nowSeconds);
    const life = typeof claims.exp === 'number' ? claims.exp : now + 600;
    const changed = (name: string, changes: Record<string, unknown>) => ({
      name,
      payload: withClaims(claims, changes),
    });
    // JSON.stringify has no way to say 1e400: a number for JSON, and infinite for JavaScript.
    const infinite = JSON.stringify(withClaims(claims, { exp: undefined })).replace(/^\{/u, '{"exp":1e400,');
    return [
      ...(expired === undefined ? [] : [tokenProbe('an expired token', expired)]),
      ...signedProbes(scene, [
        changed('exp two hours ago', { exp: now - LONG_SECONDS }),
        changed('exp missing', { exp: undefined }),
        changed('exp null', { exp: null }),
        changed('exp a string', { exp: String(life) }),
        changed('exp a word', { exp: 'never' }),
        changed('exp a list', { exp: [life] }),
        changed('exp true', { exp: true }),
        { name: 'exp 1e400', payload: infinite },
        changed('nbf in two hours', { nbf: now + LONG_SECONDS }),
        changed('nbf a string', { nbf: String(now + LONG_SECONDS) }),
        changed('iat in two hours', { iat: now + LONG_SECONDS }),
        changed('iat a string', { iat: 'yesterday' }),
      ]),
    ];
  },
};
