/** What users do about their own account, and administrators about users. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { USER, claimsOf, startIssuer, type IssuerUnderTest, type TokenSet } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;
const OTHER = { username: 'other@example.com', password: 'another long password' };

beforeAll(async () => {
  issuer = await startIssuer();
  await issuer.issuer.admin.createUser(OTHER);
});
afterAll(() => issuer.close());
beforeEach(async () => {
  const user = await issuer.issuer.admin.findUser(USER.username);
  await issuer.issuer.admin.revokeUser(user?.id ?? '');
});

const bearer = (tokens: TokenSet) => ({ authorization: `Bearer ${tokens.access_token}` });
const isActive = async (tokens: TokenSet) => (await issuer.introspect(tokens.access_token))['active'];
const remove = async (path: string, tokens: TokenSet) =>
  (await fetch(issuer.url + path, { method: 'DELETE', headers: bearer(tokens) })).status;
const loginAs = async (username: string, password: string) =>
  issuer.postJson('/v1/login', { username, password, client_id: 'orders-web' });

describe('sessions', () => {
  it('are listed for their user, with the device that uses them', async () => {
    const [first, second] = [await issuer.login(), await issuer.login()];
    const { status, body } = await issuer.get('/v1/sessions', { ...bearer(second), 'user-agent': 'test/1.0' });
    expect(status).toBe(200);
    const sessions = body['sessions'] as Record<string, unknown>[];
    expect(new Set(sessions.map(({ id }) => id))).toEqual(new Set([first.session, second.session]));
    expect(sessions.find(({ current }) => current)).toMatchObject({
      id: second.session,
      client_id: 'orders-web',
      amr: ['pwd'],
      first_seen: { address: '127.0.0.1', user_agent: 'node' },
      last_seen: { address: '127.0.0.1', user_agent: 'node' },
    });
  });

  it('can be ended one by one', async () => {
    const [first, second] = [await issuer.login(), await issuer.login()];
    expect(await remove(`/v1/sessions/${first.session}`, second)).toBe(204);
    expect([await isActive(first), await isActive(second)]).toEqual([false, true]);
    expect(await remove(`/v1/sessions/${first.session}`, second)).toBe(404);
  });

  it('can be ended all but this one', async () => {
    const all = [await issuer.login(), await issuer.login(), await issuer.login()];
    const [here, ...others] = all as [TokenSet, TokenSet, TokenSet];
    expect(await remove('/v1/sessions', here)).toBe(204);
    expect(await isActive(here)).toBe(true);
    for (const other of others) expect(await isActive(other)).toBe(false);
    expect((await issuer.refresh(here.refresh_token)).status).toBe(200);
  });

  it('of another user are as unknown as none', async () => {
    const mine = await issuer.login();
    const { body } = await loginAs(OTHER.username, OTHER.password);
    const theirs = body as unknown as TokenSet;
    expect(await remove(`/v1/sessions/${mine.session}`, theirs)).toBe(404);
    expect(await isActive(mine)).toBe(true);
  });

  it.each<[string, (tokens: TokenSet) => Record<string, string>, string]>([
    ['no token', () => ({}), 'token_missing'],
    ['a refresh token', ({ refresh_token }) => ({ authorization: `Bearer ${refresh_token}` }), 'invalid_token'],
    ['another scheme', ({ access_token }) => ({ authorization: `Token ${access_token}` }), 'invalid_token'],
  ])('are not shown for %s', async (_name, headers, code) => {
    const answer = await issuer.get('/v1/sessions', headers(await issuer.login()));
    expect([answer.status, answer.body['code']]).toEqual([401, code]);
  });

  it('are not shown for a token of a session that was ended', async () => {
    const tokens = await issuer.login();
    await issuer.postJson('/v1/logout', { refresh_token: tokens.refresh_token });
    const answer = await issuer.get('/v1/sessions', bearer(tokens));
    expect([answer.status, answer.body['code']]).toEqual([401, 'invalid_token']);
  });
});

describe('changing the password', () => {
  const change = (tokens: TokenSet, current: string, next: string) =>
    issuer.postJson('/v1/password', { current_password: current, new_password: next }, bearer(tokens));

  it('needs the current one, ends every other session, and takes effect', async () => {
    const [here, elsewhere] = [await issuer.login(), await issuer.login()];
    const wrong = await change(here, 'wrong', 'a completely new password');
    expect([wrong.status, wrong.body['code']]).toEqual([401, 'invalid_credentials']);
    expect((await change(here, USER.password, 'a completely new password')).status).toBe(204);
    expect([await isActive(here), await isActive(elsewhere)]).toEqual([true, false]);
    expect((await loginAs(USER.username, USER.password)).status).toBe(401);
    expect((await loginAs(USER.username, 'a completely new password')).status).toBe(200);
    await issuer.issuer.admin.setPassword(String(claimsOf(here.access_token)['sub']), USER.password);
    expect(await isActive(here)).toBe(false);
    expect((await loginAs(USER.username, USER.password)).status).toBe(200);
  });

  it('refuses a short one', async () => {
    const answer = await change(await issuer.login(), USER.password, 'short');
    expect([answer.status, answer.body['code']]).toEqual([400, 'password_unacceptable']);
    expect(answer.body['detail']).toBe(
      'the password is not acceptable: at least 15 characters: a few words are easier to keep',
    );
  });

  it('ends a login that was under way with the old one', async () => {
    const here = await issuer.login();
    const logins = Array.from({ length: 6 }, () => loginAs(USER.username, USER.password));
    const changed = change(here, USER.password, 'a completely new password');
    const answers = await Promise.all(logins);
    expect((await changed).status).toBe(204);
    for (const { status, body } of answers) {
      if (status === 200) expect(await isActive(body as unknown as TokenSet)).toBe(false);
      else expect(status).toBe(401);
    }
    await issuer.issuer.admin.setPassword(String(claimsOf(here.access_token)['sub']), USER.password);
  });
});

describe('an administrator', () => {
  it('disables a user, with every token at once, and enables them again', async () => {
    const tokens = await issuer.login();
    const id = String(claimsOf(tokens.access_token)['sub']);
    await issuer.issuer.admin.changeUser(id, { disabled: true });
    expect(await isActive(tokens)).toBe(false);
    expect((await loginAs(USER.username, USER.password)).body['detail']).toBe('the user name or the password is wrong');
    await issuer.issuer.admin.changeUser(id, { disabled: false });
    expect((await loginAs(USER.username, USER.password)).status).toBe(200);
  });

  it('gives a user roles that tokens have from the next refresh on', async () => {
    const tokens = await issuer.login();
    await issuer.issuer.admin.changeUser(String(claimsOf(tokens.access_token)['sub']), { roles: ['viewer'] });
    const { body } = await issuer.refresh(tokens.refresh_token);
    expect(claimsOf(body['access_token'])['roles']).toEqual(['viewer']);
  });

  it('is told of users that do not exist', async () => {
    const unknown = expect.objectContaining({ code: 'user_unknown' });
    const { admin } = issuer.issuer;
    await expect(admin.changeUser('usr_x', { disabled: true })).rejects.toEqual(unknown);
    await expect(admin.setPassword('usr_x', 'long enough to be one')).rejects.toEqual(unknown);
    await expect(admin.changeUser('usr_x', { roles: [] })).rejects.toEqual(unknown);
  });
});
