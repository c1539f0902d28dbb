/** `POST /v1/logout`: the session ends, with everything that came of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFeed } from '../feed/feed-reader.ts';
import { startIssuer, type IssuerUnderTest, type TokenSet } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

describe('logging out', () => {
  it.each([
    [
      'a refresh token',
      (tokens: { refresh_token: string }) => issuer.postJson('/v1/logout', { refresh_token: tokens.refresh_token }),
    ],
    [
      'an access token, without a body',
      (tokens: { access_token: string }) =>
        fetch(`${issuer.url}/v1/logout`, {
          method: 'POST',
          headers: { authorization: `Bearer ${tokens.access_token}` },
        }),
    ],
    [
      'an access token, with an empty JSON object',
      (tokens: { access_token: string }) =>
        issuer.postJson('/v1/logout', {}, { authorization: `Bearer ${tokens.access_token}` }),
    ],
  ])('with %s ends the session: no refresh, no active token', async (_name, logout) => {
    const tokens = await issuer.login();
    const second = await issuer.refresh(tokens.refresh_token);
    expect((await logout(tokens)).status).toBe(204);
    for (const token of [tokens.access_token, second.body['access_token'], second.body['refresh_token']]) {
      expect(await issuer.introspect(String(token))).toEqual({ active: false });
    }
    expect((await issuer.refresh(String(second.body['refresh_token']))).status).toBe(400);
  });

  it('twice is no error', async () => {
    const { refresh_token, access_token } = await issuer.login();
    expect((await issuer.postJson('/v1/logout', { refresh_token })).status).toBe(204);
    expect((await issuer.postJson('/v1/logout', { refresh_token })).status).toBe(204);
    expect((await issuer.postJson('/v1/logout', {}, { authorization: `Bearer ${access_token}` })).status).toBe(204);
  });

  it.each([
    ['logout', (tokens: TokenSet) => issuer.postJson('/v1/logout', { refresh_token: tokens.refresh_token })],
    ['an administrator’s revocation', (tokens: TokenSet) => issuer.issuer.admin.revokeSession(tokens.session)],
  ])('that another call has begun is answered no earlier than that one: by %s', async (_name, again) => {
    const tokens = await issuer.login();
    const verifier = await openFeed(issuer);
    const { data: hello } = await verifier.next('hello');
    const { data: snapshot } = await verifier.next('snapshot');
    await verifier.confirm(hello['connection'], snapshot['seq']);
    const first = issuer.postJson('/v1/logout', { refresh_token: tokens.refresh_token });
    const { data: change } = await verifier.next('change');
    let answered = false;
    const second = again(tokens).then(() => (answered = true));
    // Another whole request, so that an early answer would have come.
    expect(await issuer.introspect(tokens.access_token)).toEqual({ active: false });
    expect(answered).toBe(false);
    await verifier.confirm(hello['connection'], change['seq']);
    expect((await first).status).toBe(204);
    await second;
    verifier.close();
  });

  it('with a refresh token that is nobody’s ends nothing and is no error', async () => {
    expect((await issuer.postJson('/v1/logout', { refresh_token: 'sgr_unknown' })).status).toBe(204);
  });

  it('leaves the user’s other sessions alone', async () => {
    const [one, other] = [await issuer.login(), await issuer.login()];
    await issuer.postJson('/v1/logout', { refresh_token: one.refresh_token });
    expect(await issuer.introspect(other.access_token)).toMatchObject({ active: true });
    expect((await issuer.refresh(other.refresh_token)).status).toBe(200);
  });

  it.each([
    ['nothing', {}, {}, 400, 'invalid_request'],
    ['a forged access token', {}, { authorization: 'Bearer a.b.c' }, 401, 'invalid_token'],
    ['two tokens', { refresh_token: 'sgr_x' }, { authorization: 'Bearer a.b.c' }, 400, 'invalid_request'],
  ])('with %s is refused', async (_name, body, headers, status, code) => {
    const answer = await issuer.postJson('/v1/logout', body, headers);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('with a client’s own access token, which has no session, is refused', async () => {
    const { id, secret } = { id: 'orders-worker', secret: 'orders-worker-secret-for-the-demo-only' };
    const form = { grant_type: 'client_credentials', client_id: id, client_secret: secret };
    const { body } = await issuer.post('/oauth/token', form);
    const answer = await issuer.postJson('/v1/logout', {}, { authorization: `Bearer ${String(body['access_token'])}` });
    expect([answer.status, answer.body['code']]).toEqual([401, 'invalid_token']);
  });
});

describe('signing in again', () => {
  it('right after every session was ended gives tokens that live (ADR 6)', async () => {
    const before = await issuer.login();
    const { sub } = await issuer.introspect(before.access_token);
    await issuer.issuer.admin.revokeUser(String(sub));
    const after = await issuer.login();
    expect(await issuer.introspect(before.access_token)).toEqual({ active: false });
    expect(await issuer.introspect(after.access_token)).toMatchObject({ active: true });
    expect((await issuer.refresh(before.refresh_token)).status).toBe(400);
    expect((await issuer.refresh(after.refresh_token)).status).toBe(200);
  });
});
