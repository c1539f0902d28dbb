/** Several algorithms side by side: each resource gets tokens of the one that it verifies, and the key set has a key of each. */
import { createGuard } from '@sealgate/guard';
import { decodeUnverified } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';

const DEFAULT = 'https://api.acme.test';
const LEGACY = 'https://legacy.acme.test';
const NEXT = 'https://next.acme.test';
const ALGORITHMS = { [DEFAULT]: 'ES256', [LEGACY]: 'RS256', [NEXT]: 'ML-DSA-44' } as const;
const CLIENT = { id: 'many', secret: 'a-client-of-many-resources-with-a-secret' };

let issuer: IssuerUnderTest;

beforeAll(async () => {
  issuer = await startIssuer({
    config: {
      accessToken: { audience: DEFAULT, algorithm: 'ES256', algorithmFor: { [LEGACY]: 'RS256', [NEXT]: 'ML-DSA-44' } },
    },
  });
  await issuer.issuer.admin.createClient({
    ...CLIENT,
    grants: ['client_credentials'],
    audiences: [DEFAULT, LEGACY, NEXT],
    introspection: true,
  });
});
afterAll(() => issuer.close());

const ask = (form: Record<string, string>) =>
  issuer.post('/oauth/token', {
    grant_type: 'client_credentials',
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    ...form,
  });

describe('tokens of several algorithms', () => {
  it.each(Object.entries(ALGORITHMS))(
    'for %s are signed with %s, and its verifier admits no other',
    async (resource, alg) => {
      const guard = createGuard({
        url: issuer.url,
        audience: resource,
        algorithms: [alg],
        client: CLIENT,
        revocation: { feed: 'push', staleAfterSeconds: 60 },
      });
      await guard.ready;
      const policy = guard.compile({ auth: 'required' });
      for (const audience of Object.keys(ALGORITHMS)) {
        const { body } = await ask({ resource: audience });
        const token = String(body['access_token']);
        const facts = { method: 'GET', path: '/', authorization: [`Bearer ${token}`], nowSeconds: Date.now() / 1000 };
        expect((await guard.check(facts, policy)).allow).toBe(audience === resource);
        expect(decodeUnverified(token).header.alg).toBe(ALGORITHMS[audience as keyof typeof ALGORITHMS]);
      }
      await guard.close();
    },
  );

  it('cannot be one token for resources that differ', async () => {
    const { status, body } = await ask({});
    expect([status, body['error']]).toEqual([400, 'invalid_target']);
  });

  it('have their keys in one set, which rotate each by itself', async () => {
    const algorithms = async () =>
      ((await issuer.get('/.well-known/jwks.json')).body['keys'] as { alg: string }[]).map(({ alg }) => alg).sort();
    expect(await algorithms()).toEqual(['ES256', 'ML-DSA-44', 'RS256']);
    await issuer.issuer.admin.keys.rotate('RS256');
    expect(await algorithms()).toEqual(['ES256', 'ML-DSA-44', 'RS256', 'RS256']);
  });
});
