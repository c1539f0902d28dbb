/** Clients and their secrets over the administration. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, claimsOf, type Answer } from '../issuer-under-test.ts';
import { operatorCredential, startAdministration, type Administration } from './administration.ts';

let admin: Administration;
let aheadMs = 0;

beforeAll(async () => {
  admin = await startAdministration({ nowMs: () => Date.now() + aheadMs });
});
afterAll(() => admin.close());

const codes = ({ status, body }: Answer) => [status, body['code']];
const WORKER = { confidential: true, grants: ['client_credentials'], scopes: ['jobs:run'] };
const create = async (id: string, members: object = WORKER) => {
  const { body } = await admin.call('POST', '/clients', { id, ...members });
  return { id, secret: String(body['client_secret']) };
};
const grant = (client: { id: string; secret: string }) =>
  admin.post('/oauth/token', { grant_type: 'client_credentials' }, { authorization: basic(client) });

describe('a client', () => {
  it('is created with a secret that is shown once, and gets tokens with it', async () => {
    const made = await admin.call('POST', '/clients', { id: 'jobs', name: 'Jobs', ...WORKER });
    expect(made.status).toBe(201);
    const secret = String(made.body['client_secret']);
    expect(secret).toMatch(/^sgc_[\w-]{43}$/u);
    expect(made.body['client']).toMatchObject({ id: 'jobs', name: 'Jobs', confidential: true, disabled: false });
    const token = (await grant({ id: 'jobs', secret })).body['access_token'];
    expect(claimsOf(token)).toMatchObject({ client_id: 'jobs', scope: 'jobs:run' });
    const shown = [await admin.call('GET', '/clients/jobs'), await admin.call('GET', '/clients?limit=200')];
    const audit = await admin.call('GET', '/audit');
    for (const { text } of [...shown, audit]) expect(text).not.toContain(secret);
    expect(admin.log.join('')).not.toContain(secret);
  });

  it('is changed at once: its next token says so', async () => {
    const client = await create('changing');
    const changed = await admin.call('PATCH', '/clients/changing', { scopes: ['jobs:read'], audiences: ['urn:other'] });
    expect(changed.body).toMatchObject({
      scopes: ['jobs:read'],
      audiences: ['urn:other'],
      grants: ['client_credentials'],
    });
    const token = (await grant(client)).body['access_token'];
    expect(claimsOf(token)).toMatchObject({ scope: 'jobs:read', aud: 'urn:other' });
  });

  it('that is disabled gets nothing, and what it had is revoked; enabled, it goes on', async () => {
    const client = await create('pausing');
    const { access_token: token } = (await grant(client)).body;
    await admin.call('PATCH', '/clients/pausing', { disabled: true });
    expect(await admin.introspect(String(token))).toEqual({ active: false });
    expect((await grant(client)).status).toBe(401);
    await admin.call('PATCH', '/clients/pausing', { disabled: false });
    expect((await grant(client)).status).toBe(200);
    expect(await admin.introspect(String(token))).toEqual({ active: false });
  });

  it('that is deleted is gone with its sessions and tokens', async () => {
    await create('leaving', { grants: ['login', 'refresh_token'] });
    const { username, password } = { username: 'demo@example.com', password: 'correct horse battery staple' };
    const { body } = await admin.postJson('/v1/login', { username, password, client_id: 'leaving' });
    expect((await admin.call('DELETE', '/clients/leaving')).status).toBe(204);
    expect(await admin.introspect(String(body['access_token']))).toEqual({ active: false });
    expect(codes(await admin.call('GET', '/clients/leaving'))).toEqual([404, 'not_found']);
    const refresh = { refresh_token: body['refresh_token'], client_id: 'leaving' };
    expect((await admin.postJson('/v1/refresh', refresh)).status).toBe(401);
    // The id may be used again, and means another client.
    await create('leaving');
    expect(await admin.introspect(String(body['access_token']))).toEqual({ active: false });
  });

  it.each<[string, object, RegExp]>([
    ['an id that is taken', { id: 'orders-web', grants: ['login'] }, /exists/u],
    ['the id of the built-in operator', { id: 'sealgate-operator', ...WORKER }, /built in/u],
    ['the id of the built-in verifier', { id: 'sealgate-gateway', ...WORKER }, /built in/u],
  ])('cannot have %s', async (_name, client, says) => {
    const answer = await admin.call('POST', '/clients', client);
    expect(codes(answer)).toEqual([409, 'conflict']);
    expect(answer.body['detail']).toMatch(says);
  });

  it('without a secret may have neither client credentials nor introspection (RFC 6749 section 4.4)', async () => {
    const made = await admin.call('POST', '/clients', { id: 'public', grants: ['client_credentials'] });
    expect(codes(made)).toEqual([400, 'invalid_request']);
    const changed = await admin.call('PATCH', '/clients/orders-web', { introspection: true });
    expect(codes(changed)).toEqual([400, 'invalid_request']);
    expect(codes(await admin.call('POST', '/clients/orders-web/secrets', {}))).toEqual([409, 'conflict']);
  });
});

describe('a secret is replaced', () => {
  it('without a moment in which none counts: add the second, remove the first', async () => {
    const first = await create('rotating');
    const added = await admin.call('POST', '/clients/rotating/secrets', {});
    const second = { id: 'rotating', secret: String(added.body['client_secret']) };
    expect([(await grant(first)).status, (await grant(second)).status]).toEqual([200, 200]);
    expect(codes(await admin.call('POST', '/clients/rotating/secrets', {}))).toEqual([409, 'conflict']);
    const secrets = (await admin.call('GET', '/clients/rotating')).body['secrets'] as { id: string }[];
    expect(secrets).toHaveLength(2);
    const old = secrets.find(({ id }) => id !== added.body['id'])?.id ?? '';
    expect((await admin.call('DELETE', `/clients/rotating/secrets/${old}`)).status).toBe(204);
    expect([(await grant(first)).status, (await grant(second)).status]).toEqual([401, 200]);
    const last = await admin.call('DELETE', `/clients/rotating/secrets/${String(added.body['id'])}`);
    expect(codes(last)).toEqual([409, 'conflict']);
    expect(codes(await admin.call('DELETE', `/clients/rotating/secrets/${old}`))).toEqual([404, 'not_found']);
  });

  it('and one that has run out makes room', async () => {
    const client = await create('expiring');
    const expires = Math.floor((Date.now() + aheadMs) / 1000) + 60;
    const added = await admin.call('POST', '/clients/expiring/secrets', { expires_at: expires });
    expect(added.body).toMatchObject({ expires_at: expires });
    const second = { id: 'expiring', secret: String(added.body['client_secret']) };
    expect((await grant(second)).status).toBe(200);
    aheadMs += 61_000;
    expect((await grant(second)).status).toBe(401);
    expect((await grant(client)).status).toBe(200);
    expect((await admin.call('POST', '/clients/expiring/secrets', {})).status).toBe(201);
    expect((await admin.call('GET', '/clients/expiring')).body['secrets']).toHaveLength(2);
  });
});

describe('the built-in operator (ADR 21)', () => {
  it('is a client like any other, that nobody changes, renames or deletes', async () => {
    const { body } = await admin.call('GET', '/clients/sealgate-operator');
    expect(body).toMatchObject({ built_in: true, scopes: ['sealgate:admin'], audiences: [`${admin.url}/admin/v1`] });
    for (const [method, target, change] of [
      ['PATCH', '/clients/sealgate-operator', { scopes: ['orders:write'] }],
      ['DELETE', '/clients/sealgate-operator', undefined],
      ['POST', '/clients/sealgate-operator/secrets', {}],
    ] as const) {
      expect(codes(await admin.call(method, target, change))).toEqual([409, 'conflict']);
    }
  });

  it('can be shut out by another administrator, and stays so after a restart', async () => {
    const audience = `${admin.url}/admin/v1`;
    const members = {
      confidential: true,
      grants: ['client_credentials'],
      scopes: ['sealgate:admin'],
      audiences: [audience],
    };
    const other = await create('second-operator', members);
    const token = String((await grant(other)).body['access_token']);
    const shut = await admin.callWith(token, 'PATCH', '/clients/sealgate-operator', { disabled: true });
    expect(shut.status).toBe(200);
    expect((await admin.call('GET', '/users')).status).toBe(401);
    const { clientId, clientSecret } = operatorCredential(admin);
    const operator = { id: clientId, secret: clientSecret };
    expect((await grant(operator)).status).toBe(401);
    const restarted = await admin.restart();
    const again = await restarted.post(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      { authorization: basic(operator) },
    );
    expect(again.status).toBe(401);
    await restarted.close();
  });
});
