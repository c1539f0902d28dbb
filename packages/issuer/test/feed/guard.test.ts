/** The feed with the verifier it is made for: `@sealgate/guard`. What the answer to a revocation promises, it keeps. */
import { createGuard, type Guard } from '@sealgate/guard';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIENCE, claimsOf, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;
let guard: Guard;

beforeAll(async () => {
  issuer = await startIssuer();
  const { clientId: id, clientSecret: secret } = issuer.issuer.verifierCredential;
  guard = createGuard({
    url: issuer.url,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    client: { id, secret },
    revocation: { feed: 'push' },
  });
  await guard.ready;
});
afterAll(async () => {
  await guard.close();
  await issuer.close();
});

const allows = async (token: unknown): Promise<boolean> => {
  const policy = guard.compile({ auth: 'required' });
  const facts = {
    method: 'GET',
    path: '/orders',
    authorization: [`Bearer ${String(token)}`],
    nowSeconds: Date.now() / 1000,
  };
  return (await guard.check(facts, policy)).allow;
};

describe('a verifier on the feed', () => {
  it('refuses a session’s tokens as soon as the logout has answered, a hundred times', async () => {
    for (let round = 0; round < 100; round++) {
      const { access_token: token, refresh_token } = await issuer.login();
      expect(await allows(token)).toBe(true);
      await issuer.postJson('/v1/logout', { refresh_token });
      expect(await allows(token)).toBe(false);
    }
  });

  it('refuses a revoked access token, and no other', async () => {
    const [one, other] = [await issuer.login(), await issuer.login()];
    await issuer.post('/oauth/revoke', { token: one.access_token, client_id: 'orders-web' });
    expect([await allows(one.access_token), await allows(other.access_token)]).toEqual([false, true]);
  });

  it('refuses every access token of a family as soon as reuse has been answered', async () => {
    const first = await issuer.login();
    const second = await issuer.refresh(first.refresh_token);
    const third = await issuer.refresh(String(second.body['refresh_token']));
    const tokens = [first.access_token, second.body['access_token'], third.body['access_token']];
    expect(await Promise.all(tokens.map(allows))).toEqual([true, true, true]);
    expect((await issuer.refresh(first.refresh_token)).status).toBe(400);
    expect(await Promise.all(tokens.map(allows))).toEqual([false, false, false]);
  });

  it('refuses everything of a user, and nothing of what they get by signing in again', async () => {
    const before = await issuer.login();
    await issuer.issuer.admin.revokeUser(String(claimsOf(before.access_token)['sub']));
    expect(await allows(before.access_token)).toBe(false);
    const after = await issuer.login();
    expect(await allows(after.access_token)).toBe(true);
  });
});
