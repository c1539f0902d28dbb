/** Users over the administration, as its client sees them. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, claimsOf, type Answer } from '../issuer-under-test.ts';
import { startAdministration, type Administration } from './administration.ts';

const PASSWORD = 'a password for the administration';
let admin: Administration;

beforeAll(async () => {
  admin = await startAdministration({
    config: {
      mail: { from: 'Acme <no-reply@acme.test>', outbox: 'outbox', resetLink: 'https://app.acme.test/new#{token}' },
    },
  });
});
afterAll(() => admin.close());

const create = async (user: object) => (await admin.call('POST', '/users', { password: PASSWORD, ...user })).body;
const login = async (username: string, password = PASSWORD) =>
  admin.postJson('/v1/login', { username, password, client_id: 'orders-web' });
const codes = ({ status, body }: Answer) => [status, body['code']];

describe('a user', () => {
  it('is created, read, changed and deleted, and nothing shows a password', async () => {
    const made = await admin.call('POST', '/users', {
      username: 'Ann@Acme.test',
      password: PASSWORD,
      roles: ['editor'],
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ username: 'ann@acme.test', roles: ['editor'], disabled: false });
    const at = `/users/${String(made.body['id'])}`;
    const read = await admin.call('GET', at);
    expect(read.body).toEqual(made.body);
    expect(read.headers.get('etag')).toBe(made.headers.get('etag'));
    expect(read.headers.get('cache-control')).toBe('no-store');
    const changed = await admin.call('PATCH', at, { username: 'anna@acme.test', roles: ['viewer'], tenant: 'acme' });
    expect(changed.body).toMatchObject({ username: 'anna@acme.test', roles: ['viewer'], tenant: 'acme' });
    expect((await admin.call('PATCH', at, { tenant: null })).body).not.toHaveProperty('tenant');
    expect((await login('anna@acme.test')).status).toBe(200);
    expect((await admin.call('DELETE', at)).status).toBe(204);
    expect(codes(await admin.call('GET', at))).toEqual([404, 'not_found']);
    expect(codes(await admin.call('DELETE', at))).toEqual([404, 'not_found']);
    expect((await login('anna@acme.test')).status).toBe(401);
    expect(made.text + read.text + changed.text + admin.log.join('')).not.toContain(PASSWORD);
  });

  it('that is disabled has no session, no token and no login, until it is enabled', async () => {
    const { id } = await create({ username: 'ben' });
    const { access_token: access, refresh_token: refresh } = (await login('ben')).body;
    expect((await admin.call('PATCH', `/users/${String(id)}`, { disabled: true })).body['disabled']).toBe(true);
    expect(await admin.introspect(String(access))).toEqual({ active: false });
    expect((await admin.refresh(String(refresh))).status).toBe(400);
    expect((await login('ben')).status).toBe(401);
    await admin.call('PATCH', `/users/${String(id)}`, { disabled: false });
    expect((await login('ben')).status).toBe(200);
  });

  it('that changes its tenant loses its tokens, and one that changes its roles keeps them', async () => {
    const { id } = await create({ username: 'cleo', tenant: 'acme' });
    const { access_token: access, refresh_token: refresh } = (await login('cleo')).body;
    await admin.call('PATCH', `/users/${String(id)}`, { roles: ['auditor'] });
    expect(await admin.introspect(String(access))).toMatchObject({ active: true });
    const refreshed = (await admin.refresh(String(refresh))).body;
    expect(claimsOf(refreshed['access_token'])).toMatchObject({ roles: ['auditor'] });
    await admin.call('PATCH', `/users/${String(id)}`, { tenant: 'other' });
    expect(await admin.introspect(String(access))).toEqual({ active: false });
    expect(claimsOf((await login('cleo')).body['access_token'])).toMatchObject({ tenant: 'other' });
  });

  it('has a password set, and every session ends', async () => {
    const { id } = await create({ username: 'dora' });
    const { access_token: access } = (await login('dora')).body;
    const next = 'another password, set for her';
    expect((await admin.call('PUT', `/users/${String(id)}/password`, { password: next })).status).toBe(204);
    expect(await admin.introspect(String(access))).toEqual({ active: false });
    expect((await login('dora')).status).toBe(401);
    expect((await login('dora', next)).status).toBe(200);
    const short = await admin.call('PUT', `/users/${String(id)}/password`, { password: 'short' });
    expect(codes(short)).toEqual([400, 'password_unacceptable']);
  });

  it('is made to set a new password: the old one counts no more, and a link is mailed', async () => {
    const { id } = await create({ username: 'emil@acme.test' });
    const { access_token: access } = (await login('emil@acme.test')).body;
    expect((await admin.call('POST', `/users/${String(id)}/password-reset`)).status).toBe(204);
    expect(await admin.introspect(String(access))).toEqual({ active: false });
    expect((await login('emil@acme.test')).status).toBe(401);
    const outbox = path.join(admin.folder, 'outbox');
    const [mail = ''] = readdirSync(outbox).map((file) => readFileSync(path.join(outbox, file), 'utf8'));
    expect(mail).toContain('emil@acme.test');
    expect(mail).toContain('An administrator');
    const [, token = ''] = /new#(sgp_[\w-]{43})/u.exec(mail.replaceAll('=\r\n', '')) ?? [];
    const answer = await admin.postJson('/v1/password/reset', { token, new_password: PASSWORD });
    expect(answer.status).toBe(204);
    expect((await login('emil@acme.test')).status).toBe(200);
  });

  it('whose name is no address cannot be mailed to, and nothing changes', async () => {
    const { id } = await create({ username: 'fay' });
    expect(codes(await admin.call('POST', `/users/${String(id)}/password-reset`))).toEqual([409, 'conflict']);
    expect((await login('fay')).status).toBe(200);
  });
});

describe('two administrators', () => {
  it('do not undo what the other has just done (RFC 9110 section 13.1.1)', async () => {
    const { id } = await create({ username: 'gus' });
    const at = `/users/${String(id)}`;
    const etag = (await admin.call('GET', at)).headers.get('etag') ?? '';
    const first = await admin.call('PATCH', at, { roles: ['one'] }, { 'if-match': etag });
    expect(first.status).toBe(200);
    const second = await admin.call('PATCH', at, { roles: ['two'] }, { 'if-match': etag });
    expect(codes(second)).toEqual([412, 'precondition_failed']);
    expect(codes(await admin.call('DELETE', at, undefined, { 'if-match': etag }))).toEqual([
      412,
      'precondition_failed',
    ]);
    expect(codes(await admin.call('DELETE', at, undefined, { 'if-match': 'W/"x"' }))).toEqual([
      412,
      'precondition_failed',
    ]);
    expect((await admin.call('GET', at)).body['roles']).toEqual(['one']);
    const newest = first.headers.get('etag') ?? '';
    expect((await admin.call('DELETE', at, undefined, { 'if-match': newest })).status).toBe(204);
  });
});

describe('the list', () => {
  it('is by name, in pages of the size that was asked for, each user once', async () => {
    for (const username of ['page-1', 'page-2', 'page-3', 'page-4', 'page-5'])
      await create({ username, tenant: 'paged' });
    const names: unknown[] = [];
    let cursor: unknown = '';
    do {
      const after = cursor === '' ? '' : `&cursor=${String(cursor)}`;
      const { body } = await admin.call('GET', `/users?tenant=paged&limit=2${after}`);
      const items = body['items'] as Record<string, unknown>[];
      expect(items.length).toBeLessThanOrEqual(2);
      names.push(...items.map(({ username }) => username));
      cursor = body['next_cursor'];
    } while (cursor !== undefined);
    expect(names).toEqual(['page-1', 'page-2', 'page-3', 'page-4', 'page-5']);
  });

  it('has the user of a name alone where that is asked for, in any spelling', async () => {
    const { body } = await admin.call('GET', '/users?username=DEMO%40example.com');
    expect(body['items']).toEqual([expect.objectContaining({ username: USER.username })]);
    expect((await admin.call('GET', '/users?username=nobody')).body['items']).toEqual([]);
  });
});

describe('a request that is not right', () => {
  it.each<[string, string, string, unknown, RegExp]>([
    ['a member that is not known', 'POST', '/users', { username: 'x', password: PASSWORD, admin: true }, /"admin"/u],
    ['a member of another type', 'POST', '/users', { username: 'x', password: PASSWORD, roles: 'all' }, /"roles"/u],
    ['a role that is none', 'POST', '/users', { username: 'x', password: PASSWORD, roles: ['a b'] }, /"roles\.0"/u],
    ['a name that is none', 'POST', '/users', { username: ' ', password: PASSWORD }, /user name/u],
    ['a member twice', 'POST', '/users', '{"username":"x","username":"y","password":"z"}', /repeated/u],
    ['no JSON', 'POST', '/users', '{', /JSON/u],
    ['a page of none', 'GET', '/users?limit=0', undefined, /"limit"/u],
    ['a page beyond the bound', 'GET', '/users?limit=201', undefined, /"limit"/u],
    ['a parameter twice', 'GET', '/users?limit=1&limit=2', undefined, /"limit"/u],
    ['a parameter that is not known', 'GET', '/users?order=asc', undefined, /"order"/u],
    ['a body where none is taken', 'POST', '/users/usr_x/password-reset', {}, /no body/u],
  ])('is refused with what and where: %s', async (_name, method, target, body, says) => {
    const answer = await admin.call(method, target, body);
    expect(codes(answer)).toEqual([400, 'invalid_request']);
    expect(String(answer.body['detail'])).toMatch(says);
    expect(answer.text).not.toContain(PASSWORD);
  });

  it('is refused where a name is taken, also in another spelling', async () => {
    const taken = await admin.call('POST', '/users', { username: 'Demo@Example.com', password: PASSWORD });
    expect(codes(taken)).toEqual([409, 'conflict']);
    const { id } = await create({ username: 'hal' });
    const renamed = await admin.call('PATCH', `/users/${String(id)}`, { username: USER.username });
    expect(codes(renamed)).toEqual([409, 'conflict']);
  });

  it('to another path or by another method is told so', async () => {
    const headers = { authorization: `Bearer ${admin.token}` };
    const put = await fetch(`${admin.url}/admin/v1/users`, { method: 'PUT', headers });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect((await admin.get('/admin/v1/nothing', headers)).status).toBe(404);
  });
});
