/** Refreshing, on both endpoints: rotation, retries and reuse (DESIGN.md section 3; RFC 6749 section 6; RFC 9700 section 4.14.2). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WORKER, basic, claimsOf, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';
import { STORE_KINDS, type Databases } from '../stores.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe.each(STORE_KINDS)('refreshing on $name', (storeKind) => {
  let databases: Databases;
  let issuer: IssuerUnderTest;
  let aheadMs: number;

  beforeAll(async () => {
    databases = await storeKind.start();
  });
  afterAll(() => databases.stop());
  beforeEach(async () => {
    aheadMs = 0;
    const { address: database } = await databases.create();
    issuer = await startIssuer({ database, nowMs: () => Date.now() + aheadMs });
  });
  afterEach(() => issuer.close());

  const expectInvalidGrant = async (refreshToken: string) => {
    const { status, body } = await issuer.refresh(refreshToken);
    expect([status, body['code']]).toEqual([400, 'invalid_grant']);
  };
  const refreshed = async (refreshToken: string): Promise<string> => {
    const { status, body } = await issuer.refresh(refreshToken);
    expect(status).toBe(200);
    return String(body['refresh_token']);
  };

  it('gives a new pair for the same session', async () => {
    const first = await issuer.login();
    const { status, body } = await issuer.refresh(first.refresh_token);
    expect(status).toBe(200);
    expect(body['refresh_token']).not.toBe(first.refresh_token);
    expect(body['session']).toBe(first.session);
    const [before, after] = [claimsOf(first.access_token), claimsOf(body['access_token'])];
    expect(after).toMatchObject({ sid: before['sid'], sub: before['sub'], aud: before['aud'], scope: before['scope'] });
    expect(after['jti']).not.toBe(before['jti']);
  });

  it('issues nothing that was revoked before it was issued, where a clock is behind (ADR 6)', async () => {
    const { access_token: old } = await issuer.login();
    aheadMs = 2 * MINUTE;
    await issuer.issuer.admin.revokeUser(String(claimsOf(old)['sub']));
    const { refresh_token: first } = await issuer.login();
    aheadMs = 0;
    const { status, body } = await issuer.refresh(first);
    expect([status, body['code']]).toEqual([503, 'temporarily_unavailable']);
    aheadMs = 2 * MINUTE;
    await refreshed(first);
  });

  it('ends with “sign out everywhere” also what a faster clock has issued (ADR 6)', async () => {
    aheadMs = 4_000;
    const { access_token: early } = await issuer.login();
    aheadMs = 0;
    await issuer.issuer.admin.revokeUser(String(claimsOf(early)['sub']));
    expect(await issuer.introspect(early)).toEqual({ active: false });
    aheadMs = 6_000;
    const { access_token: late } = await issuer.login();
    expect(await issuer.introspect(late)).toMatchObject({ active: true });
  });

  it('gives a retry within the window the same successor (ATTACKS.md I2)', async () => {
    const { refresh_token: first } = await issuer.login();
    const second = await refreshed(first);
    aheadMs = 29_000;
    expect(await refreshed(first)).toBe(second);
    await refreshed(second);
  });

  it('gives a hundred refreshes at once the same successor; then the old token kills the family (ATTACKS.md I1)', async () => {
    const { refresh_token: first } = await issuer.login();
    const answers = await Promise.all(Array.from({ length: 100 }, () => issuer.refresh(first)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
    const successors = new Set(answers.map(({ body }) => String(body['refresh_token'])));
    expect(successors.size).toBe(1);
    const [successor = ''] = successors;
    const third = await refreshed(successor);
    await expectInvalidGrant(first);
    await expectInvalidGrant(third);
    const tokens = answers.map(({ body }) => String(body['access_token']));
    const states = await Promise.all(tokens.slice(0, 10).map((token) => issuer.introspect(token)));
    expect(states).toEqual(Array.from({ length: 10 }, () => ({ active: false })));
  });

  it('takes the old token for reuse once the successor was used, and kills the access tokens with the family', async () => {
    const first = await issuer.login();
    const second = await issuer.refresh(first.refresh_token);
    const third = await issuer.refresh(String(second.body['refresh_token']));
    await expectInvalidGrant(first.refresh_token);
    for (const token of [first.access_token, second.body['access_token'], third.body['access_token']]) {
      expect(await issuer.introspect(String(token))).toEqual({ active: false });
    }
    await expectInvalidGrant(String(third.body['refresh_token']));
  });

  it('takes the old token for reuse after the window, though the successor was never used', async () => {
    const { refresh_token: first } = await issuer.login();
    const second = await refreshed(first);
    aheadMs = 31_000;
    await expectInvalidGrant(first);
    await expectInvalidGrant(second);
  });

  it('leaves other families and sessions of the user alone when one dies', async () => {
    const [stolen, other] = [await issuer.login(), await issuer.login()];
    await refreshed(await refreshed(stolen.refresh_token));
    await expectInvalidGrant(stolen.refresh_token);
    await refreshed(other.refresh_token);
    expect(await issuer.introspect(other.access_token)).toMatchObject({ active: true });
  });

  it('ends what is not used for the idle time', async () => {
    const { refresh_token: first } = await issuer.login();
    aheadMs = 13 * DAY;
    const second = await refreshed(first);
    aheadMs = 27 * DAY + 2 * MINUTE;
    await expectInvalidGrant(second);
  });

  it('ends what is used after the absolute time, and no access token outlives it', async () => {
    let { refresh_token: token } = await issuer.login();
    for (let day = 10; day <= 80; day += 10) {
      aheadMs = day * DAY;
      token = await refreshed(token);
    }
    aheadMs = 90 * DAY - 5 * MINUTE;
    const last = await issuer.refresh(token);
    expect(last.body['expires_in']).toBeLessThanOrEqual(300);
    aheadMs = 90 * DAY + MINUTE;
    await expectInvalidGrant(String(last.body['refresh_token']));
  });

  it('narrows the scope of one access token, not of the family (RFC 6749 section 6)', async () => {
    const { refresh_token: first } = await issuer.login();
    const narrow = await issuer.postJson('/v1/refresh', {
      refresh_token: first,
      client_id: 'orders-web',
      scope: 'orders:read',
    });
    expect(narrow.body['scope']).toBe('orders:read');
    const wide = await issuer.refresh(String(narrow.body['refresh_token']));
    expect(wide.body['scope']).toBe('orders:read orders:write');
  });

  it('does not consume the token when the scope is refused', async () => {
    const { refresh_token: first } = await issuer.login();
    const refused = await issuer.postJson('/v1/refresh', {
      refresh_token: first,
      client_id: 'orders-web',
      scope: 'admin',
    });
    expect([refused.status, refused.body['code']]).toEqual([400, 'invalid_scope']);
    aheadMs = 5 * MINUTE;
    await refreshed(first);
  });

  it('refuses another client, and leaves the family alive (RFC 6749 section 5.2)', async () => {
    await issuer.issuer.admin.createClient({ id: 'other-web', grants: ['login', 'refresh_token'] });
    const { refresh_token: first } = await issuer.login();
    const { status, body } = await issuer.postJson('/v1/refresh', { refresh_token: first, client_id: 'other-web' });
    expect([status, body['code']]).toEqual([400, 'invalid_grant']);
    await refreshed(first);
  });

  it('works at the token endpoint, with the same family', async () => {
    const { refresh_token: first } = await issuer.login();
    const form = { grant_type: 'refresh_token', refresh_token: first, client_id: 'orders-web' };
    const second = await issuer.post('/oauth/token', form);
    expect(second.status).toBe(200);
    expect(Object.keys(second.body).sort()).toEqual([
      'access_token',
      'expires_in',
      'refresh_token',
      'scope',
      'token_type',
    ]);
    await refreshed(String(second.body['refresh_token']));
    const reuse = await issuer.post('/oauth/token', form);
    expect([reuse.status, reuse.body['error']]).toEqual([400, 'invalid_grant']);
  });

  it('keeps families over a restart: the same successor, and reuse is still reuse', async () => {
    const { refresh_token: first } = await issuer.login();
    const second = await refreshed(first);
    issuer = await issuer.restart();
    expect(await refreshed(first)).toBe(second);
    await refreshed(second);
    issuer = await issuer.restart();
    await expectInvalidGrant(first);
  });

  it('refuses a client that may not refresh', async () => {
    const { refresh_token: first } = await issuer.login();
    const form = { grant_type: 'refresh_token', refresh_token: first };
    const { status, body } = await issuer.post('/oauth/token', form, { authorization: basic(WORKER) });
    expect([status, body['error']]).toEqual([400, 'unauthorized_client']);
  });

  it('refuses text that is no refresh token', async () => {
    const { refresh_token: first } = await issuer.login();
    const wrongChecksum = first.slice(0, -1) + (first.endsWith('A') ? 'Q' : 'A');
    for (const text of ['sgr_', 'x', wrongChecksum, `${first} `, first.toUpperCase()]) await expectInvalidGrant(text);
    await refreshed(first);
  });
});
