/** A decision is explained by the code that makes it: the same verdict, every rule, what would have to change, and no trace of having asked. */
import { createHash } from 'node:crypto';
import { compilePolicy, createDpopProofs, decide, explain, type RoutePolicy } from '@sealgate/guard';
import { exportJwk, generateKey, publicKey, signJwt, thumbprint } from '@sealgate/jwt';
import { describe, expect, it } from 'vitest';
import { World } from './trusted-world.ts';

const world = new World();
const key = generateKey('ES256');
world.keys.add(key);
const issuers = { ...world.trust(true), proofs: createDpopProofs({ now: () => world.now }) };
const facts = (authorization: readonly string[], rawHeaders: readonly string[] = []) =>
  ({
    method: 'GET',
    path: '/',
    scheme: 'https',
    host: 'api.test',
    authorization,
    rawHeaders,
    nowSeconds: world.now,
  }) as const;

describe('an explanation', () => {
  it('names all that is in the way, not only the first', async () => {
    const policy: RoutePolicy = {
      scopes: ['read', 'write'],
      roles: { any: ['admin', 'editor'] },
      claims: { '/tenant': 'acme' },
      when: 'claims.sub == "bob"',
    };
    const explanation = await explain(facts([`Bearer ${world.token(key)}`]), compilePolicy(policy), issuers);
    expect(explanation).toMatchObject({ allow: false, status: 403, code: 'insufficient_scope', notReached: [] });
    expect(explanation.changes).toEqual([
      'the token needs the scope "write"',
      'the token needs a role of "admin", "editor"',
      'the issuer must set /tenant to "acme"',
      'the condition must hold: claims.sub == "bob"',
    ]);
  });

  it('says what was not reached', async () => {
    const expired = world.token(key, { exp: world.now });
    const explanation = await explain(facts([`Bearer ${expired}`]), compilePolicy({ scopes: ['read'] }), issuers);
    expect(explanation).toMatchObject({ code: 'invalid_token', notReached: ['revocation', 'freshness', 'scopes'] });
    expect(explanation.changes).toHaveLength(1);
    expect(JSON.stringify(explanation)).not.toContain(expired.slice(-20));
  });

  it('has nothing to change where the request passes', async () => {
    const explanation = await explain(
      facts([`Bearer ${world.token(key)}`]),
      compilePolicy({ scopes: ['read'] }),
      issuers,
    );
    expect(explanation).toMatchObject({ allow: true, changes: [], notReached: [] });
    expect(explanation.steps.every(({ passed }) => passed)).toBe(true);
  });

  it('has the verdict of the decision', async () => {
    const policies: RoutePolicy[] = [
      {},
      { scopes: ['x'] },
      { roles: ['x'], scopes: ['read'] },
      { when: 'false' },
      { auth: 'optional' },
    ];
    const requests = [
      [],
      ['Basic x'],
      ['Bearer x'],
      [`Bearer ${world.token(key)}`],
      [`DPoP ${world.token(key)}`],
      ['Bearer a', 'Bearer b'],
    ];
    for (const policy of policies.map((each) => compilePolicy(each))) {
      for (const request of requests) {
        const verdict = await decide(facts(request), policy, issuers);
        const { allow, code } = await explain(facts(request), policy, issuers);
        expect({ allow, code }).toEqual({ allow: verdict.allow, code: verdict.allow ? undefined : verdict.code });
      }
    }
  });

  it('does not use up a DPoP proof, and knows one that was used twice (RFC 9449 section 11.1)', async () => {
    const client = generateKey('ES256');
    const token = world.token(key, { cnf: { jkt: thumbprint(client) } });
    const ath = createHash('sha256').update(token).digest('base64url');
    const proof = signJwt(
      { jti: 'once', htm: 'GET', htu: 'https://api.test/', iat: world.now, ath },
      { key: client, typ: 'dpop+jwt', header: { jwk: exportJwk(publicKey(client)) } },
    );
    const request = facts([`DPoP ${token}`], ['DPoP', proof]);
    const policy = compilePolicy({});
    expect(await explain(request, policy, issuers)).toMatchObject({ allow: true });
    expect(await decide(request, policy, issuers)).toMatchObject({ allow: true });
    expect(await explain(request, policy, issuers)).toMatchObject({ allow: true });
    expect(await decide(request, policy, issuers)).toMatchObject({ code: 'invalid_dpop_proof' });
    const { changes } = await explain(request, policy, issuers);
    expect(changes).toEqual(['make a new proof, with a new jti, for each request']);
  });
});
