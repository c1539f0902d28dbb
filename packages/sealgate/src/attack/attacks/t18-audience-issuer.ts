/** T18: a token meant for another API, or made by another issuer (RFC 8725 sections 3.8 and 3.9; CVE-2020-26160, CVE-2024-53861). */
import type { Attack } from '../attack.ts';
import { tokenProbe } from '../probes.ts';
import { signedProbes, withClaims } from '../signed-variants.ts';

export const audienceAndIssuer: Attack = {
  id: 'T18',
  title: 'token for another API, or from another issuer',
  why: 'A token that a user gave to one API is replayed by it at yours.',
  mend: 'Configure issuer and audience, demand both claims, and compare them whole.',
  severity: 'high',
  needs: '--other-audience-token FILE, --other-issuer-token FILE or --signing-key FILE',
  probes: (scene) => {
    const { given, subject } = scene;
    const { claims } = subject;
    const own = textOr([claims.aud].flat()[0], 'api');
    const issuer = textOr(claims.iss, 'issuer');
    const changed = (name: string, changes: Record<string, unknown>) => ({
      name,
      payload: withClaims(claims, changes),
    });
    return [
      ...(['other-audience', 'other-issuer'] as const).flatMap((name) => {
        const token = given.others[name];
        return token === undefined ? [] : [tokenProbe(`the token of --${name}-token`, token)];
      }),
      ...signedProbes(scene, [
        changed('aud of another API', { aud: 'https://sealgate-attack.invalid' }),
        changed('aud missing', { aud: undefined }),
        changed('aud empty', { aud: '' }),
        changed('aud an empty list', { aud: [] }),
        changed('aud a part of the right one', { aud: own.slice(0, -1) }),
        changed('aud that begins like the right one', { aud: `${own}.sealgate-attack.invalid` }),
        changed('aud in another case', { aud: own === own.toUpperCase() ? own.toLowerCase() : own.toUpperCase() }),
        changed('aud a list in a list', { aud: [[own]] }),
        changed('aud an object', { aud: { [own]: true, value: own } }),
        changed('iss of somebody else', { iss: 'https://sealgate-attack.invalid' }),
        changed('iss missing', { iss: undefined }),
        changed('iss a list', { iss: [issuer] }),
        changed('iss that begins like the right one', { iss: `${issuer}.sealgate-attack.invalid` }),
        changed('iss that ends like the right one', { iss: `https://sealgate-attack.invalid/${issuer}` }),
      ]),
    ];
  },
};

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
