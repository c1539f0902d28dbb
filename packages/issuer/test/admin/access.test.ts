/** I10. Whom the administration lets in: tokens of its audience with the scope; users with the role; keys where tokens are bound; tenants within their own. */
import { exportJwk, generateKey, publicKey, signJwt, type Key } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, type Answer } from '../issuer-under-test.ts';
import { startAdministration, type Administration } from './administration.ts';

const PASSWORD = 'a password of administrators';
const ROLE = 'sealgate:admin';
let admin: Administration;
let audience: string;
let aheadMs = 0;

beforeAll(async () => {
  admin = await startAdministration({ nowMs: () => Date.now() + aheadMs });
  audience = `${admin.url}/admin/v1`;
  const { admin: inProcess } = admin.issuer;
  const scopes = [ROLE, 'orders:read'];
  await inProcess.createClient({ id: 'console', grants: ['login', 'refresh_token'], scopes, audiences: [audience] });
  for (const [username, roles, tenant] of [
    ['root', [ROLE], undefined],
    ['plain', ['editor'], undefined],
    ['acme-admin', [ROLE], 'acme'],
    ['acme-user', [], 'acme'],
    ['other-user', [], 'other'],
  ] as const) {
    await inProcess.createUser({ username, password: PASSWORD, roles: [...roles], ...(tenant && { tenant }) });
  }
});
afterAll(() => admin.close());

const codes = ({ status, body }: Answer) => [status, body['code']];
const login = async (username: string, difference: object = {}, headers = {}) => {
  const body = { username, password: PASSWORD, client_id: 'console', ...difference };
  return admin.postJson('/v1/login', body, headers);
};
const tokenOf = async (username: string, difference = {}) =>
  String((await login(username, difference)).body['access_token']);
const idOf = async (username: string) => (await admin.issuer.admin.findUser(username))?.id ?? '';

describe('a user’s token', () => {
  it('counts where the client may ask for the scope, and the user has the role now', async () => {
    const root = await tokenOf('root');
    expect((await admin.callWith(root, 'GET', '/keys')).status).toBe(200);
    const refused = await admin.callWith(await tokenOf('plain'), 'GET', '/keys');
    expect(codes(refused)).toEqual([403, 'insufficient_scope']);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer realm="sealgate", error="insufficient_scope", scope="${ROLE}"`,
    );
    const narrow = await admin.callWith(await tokenOf('root', { scope: 'orders:read' }), 'GET', '/keys');
    expect(codes(narrow)).toEqual([403, 'insufficient_scope']);
    await admin.issuer.admin.changeUser(await idOf('root'), { roles: [] });
    expect(codes(await admin.callWith(root, 'GET', '/keys'))).toEqual([403, 'insufficient_scope']);
    await admin.issuer.admin.changeUser(await idOf('root'), { roles: [ROLE] });
  });

  it('stands in the audit as the user', async () => {
    const token = await tokenOf('root');
    await admin.callWith(token, 'PATCH', `/users/${await idOf('plain')}`, { roles: ['reader'] });
    const { body } = await admin.callWith(token, 'GET', '/audit?event=user_changed&limit=1');
    expect(body['items']).toEqual([
      expect.objectContaining({ actor: { kind: 'user', id: await idOf('root') }, target: 'member:roles' }),
    ]);
  });
});

describe('an administrator of a tenant', () => {
  it('sees, makes and changes its users, and no others', async () => {
    const token = await tokenOf('acme-admin');
    const call = (method: string, target: string, body?: unknown) => admin.callWith(token, method, target, body);
    const listed = (await call('GET', '/users')).body['items'] as { username: string }[];
    expect(listed.map(({ username }) => username)).toEqual(['acme-admin', 'acme-user']);
    expect((await call('GET', '/users?tenant=other')).body['items']).toEqual([]);
    expect((await call('GET', '/users?username=other-user')).body['items']).toEqual([]);
    const made = await call('POST', '/users', { username: 'acme-new', password: PASSWORD });
    expect(made.body).toMatchObject({ tenant: 'acme' });
    const mine = `/users/${await idOf('acme-user')}`;
    expect((await call('PATCH', mine, { roles: ['editor'] })).status).toBe(200);
    for (const change of [{ tenant: 'other' }, { tenant: null }]) {
      expect(codes(await call('PATCH', mine, change))).toEqual([400, 'invalid_request']);
    }
    const elsewhere = { username: 'x', password: PASSWORD, tenant: 'other' };
    expect(codes(await call('POST', '/users', elsewhere))).toEqual([400, 'invalid_request']);
    expect((await call('DELETE', `/sessions?user=${await idOf('acme-user')}`)).status).toBe(200);
    expect((await call('DELETE', `/users/${await idOf('acme-new')}`)).status).toBe(204);
  });

  it('gets one answer for what is another’s and what is not there', async () => {
    const token = await tokenOf('acme-admin');
    await admin.postJson('/v1/login', { username: 'other-user', password: PASSWORD, client_id: 'console' });
    const other = await idOf('other-user');
    const [session] = await admin.issuer.admin.listSessions(other);
    for (const id of [other, await idOf('root'), 'usr_nobody']) {
      for (const [method, target, body] of [
        ['GET', `/users/${id}`, undefined],
        ['PATCH', `/users/${id}`, { disabled: true }],
        ['PUT', `/users/${id}/password`, { password: PASSWORD }],
        ['POST', `/users/${id}/password-reset`, undefined],
        ['DELETE', `/users/${id}`, undefined],
        ['GET', `/sessions?user=${id}`, undefined],
        ['DELETE', `/sessions?user=${id}`, undefined],
        ['POST', '/revocations', { kind: 'subject', id }],
      ] as const) {
        expect(codes(await admin.callWith(token, method, target, body))).toEqual([403, 'insufficient_scope']);
      }
    }
    for (const id of [session?.id ?? '', 'ses_nobody']) {
      expect(codes(await admin.callWith(token, 'GET', `/sessions/${id}`))).toEqual([403, 'insufficient_scope']);
      expect(codes(await admin.callWith(token, 'DELETE', `/sessions/${id}`))).toEqual([403, 'insufficient_scope']);
    }
    expect(await admin.issuer.admin.listSessions(other)).toHaveLength(1);
  });

  it('has no say in what is everybody’s', async () => {
    const token = await tokenOf('acme-admin');
    for (const [method, target, body] of [
      ['GET', '/clients', undefined],
      ['POST', '/clients', { id: 'x', grants: ['login'] }],
      ['GET', '/keys', undefined],
      ['POST', '/keys/rotate', { algorithm: 'ES256' }],
      ['GET', '/audit', undefined],
      ['GET', '/verifiers', undefined],
      ['GET', '/revocations', undefined],
      ['POST', '/revocations', { kind: 'client', id: 'orders-web' }],
      ['POST', '/revocations', { kind: 'family', id: 'fam_x' }],
      ['POST', '/revocations', { kind: 'token', jti: 'x' }],
    ] as const) {
      expect(codes(await admin.callWith(token, method, target, body))).toEqual([403, 'insufficient_scope']);
    }
  });
});

describe('a token that is bound to a key (RFC 9449 section 7)', () => {
  const key = generateKey('ES256');
  const proof = (method: string, url: string, more: object, signer: Key = key) =>
    signJwt(
      { htm: method, htu: url, jti: crypto.randomUUID(), iat: Math.floor((Date.now() + aheadMs) / 1000), ...more },
      { key: signer, typ: 'dpop+jwt', header: { jwk: exportJwk(publicKey(signer)) } },
    );

  it('counts with a proof of that key, and not as bearer, with another key, or with a proof that was used', async () => {
    const at = `${admin.url}/v1/login`;
    const first = await login('root', {}, { dpop: proof('POST', at, {}) });
    const nonce = first.headers.get('dpop-nonce') ?? '';
    const { access_token: token } = (await login('root', {}, { dpop: proof('POST', at, { nonce }) })).body;
    const { createHash } = await import('node:crypto');
    const ath = createHash('sha256').update(String(token)).digest('base64url');
    const url = `${audience}/keys`;
    const ask = (dpop: string) => admin.get('/admin/v1/keys', { authorization: `DPoP ${String(token)}`, dpop });
    const good = proof('GET', url, { ath });
    expect((await ask(good)).status).toBe(200);
    for (const bad of [good, proof('POST', url, { ath }), proof('GET', url, { ath }, generateKey('ES256'))]) {
      const refused = await ask(bad);
      expect(codes(refused)).toEqual([401, 'invalid_token']);
      expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP realm="sealgate", error="invalid_token", algs="/u);
    }
    expect(codes(await admin.callWith(String(token), 'GET', '/keys'))).toEqual([401, 'invalid_token']);
    const unbound = await admin.get('/admin/v1/keys', {
      authorization: `DPoP ${admin.token}`,
      dpop: proof('GET', url, { ath }),
    });
    expect(codes(unbound)).toEqual([401, 'invalid_token']);
  });
});

describe('refusals', () => {
  it('come before the body is read, and without a token nothing is told but what is needed', async () => {
    const answer = await admin.callWith(undefined, 'POST', '/users', '{');
    expect(codes(answer)).toEqual([401, 'token_missing']);
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="sealgate", scope="${ROLE}"`);
  });

  it('do not look at cookies', async () => {
    const answer = await admin.get('/admin/v1/users', { cookie: `__Host-sealgate-access=${admin.token}` });
    expect(codes(answer)).toEqual([401, 'token_missing']);
  });

  it('are told in the audit, sixty a minute: nobody fills it without a token', async () => {
    aheadMs += 120_000;
    const before = Number((await admin.issuer.admin.audit.list({ limit: 1 }))[0]?.seq);
    for (let attempt = 0; attempt < 70; attempt++) await admin.callWith('not-a-token', 'GET', '/users');
    const told = (await admin.issuer.admin.audit.list({ limit: 100, event: 'administration_refused' })).filter(
      ({ seq }) => seq > before,
    );
    expect(told).toHaveLength(60);
    expect(told[0]).toMatchObject({
      outcome: 'refused',
      reason: 'not_an_access_token',
      actor: { kind: 'anonymous' },
      target: 'route:GET /admin/v1/users',
    });
  });

  it('of a client’s token that expired', async () => {
    const { body } = await admin.post(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      { authorization: basic({ id: 'orders-worker', secret: 'orders-worker-secret-for-the-demo-only' }) },
    );
    expect(codes(await admin.callWith(String(body['access_token']), 'GET', '/users'))).toEqual([401, 'invalid_token']);
    aheadMs += 700_000;
    expect(codes(await admin.callWith(admin.token, 'GET', '/users'))).toEqual([401, 'invalid_token']);
  });
});
