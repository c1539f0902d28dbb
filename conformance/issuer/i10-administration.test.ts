/**
 * ATTACKS.md I10: calls of the administration without the scope, with an ID token, across tenants, by a revoked session. Expected: 401 or 403,
 * and an event in the audit. What is asked for never happens.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ADMIN_SCOPE, adminAudience, builtInOperatorCredential, openMasterKey } from '@sealgate/issuer';
import { generateKey, importKey, signJwt, type Key } from '@sealgate/jwt';
import { parseConfig, secret } from '@sealgate/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { open } from '../../packages/issuer/src/secrets/seal.ts';
import { PASSWORD, startWorld, type Answer, type IssuerWorld } from './fixture.ts';

let world: IssuerWorld;
let victim: string;
/** The issuer's own signing key: an attacker who had it would need no attack, and a token of another kind is signed with it. */
let signingKey: Key;

beforeAll(async () => {
  world = await startWorld({});
  const { admin } = world.issuer;
  const audiences = [adminAudience(world.url)];
  const scopes = [ADMIN_SCOPE, 'profile'];
  await admin.createClient({ id: 'console', grants: ['login', 'refresh_token'], scopes, audiences });
  await admin.createClient({ id: 'elsewhere', grants: ['login', 'refresh_token'], scopes, audiences: ['urn:other'] });
  await admin.createUser({ username: 'root', password: PASSWORD, roles: [ADMIN_SCOPE] });
  await admin.createUser({ username: 'acme', password: PASSWORD, roles: [ADMIN_SCOPE], tenant: 'acme' });
  victim = (await admin.createUser({ username: 'victim', password: PASSWORD, tenant: 'other' })).id;
  signingKey = readSigningKey();
});
afterAll(() => world.close());

function masterKey() {
  const reference = parseConfig({ key: 'file:master.key' }, z.strictObject({ key: secret() }), {
    folder: world.folder,
  }).key;
  return openMasterKey(reference, { nowMs: Date.now, random: () => new Uint8Array() });
}

function readSigningKey(): Key {
  const database = new DatabaseSync(path.join(world.folder, 'sealgate.db'), { readOnly: true });
  const { kid, sealed } = database
    .prepare(`select kid, sealed_private as sealed from signing_key where state = 'active'`)
    .get() as { kid: string; sealed: Uint8Array };
  database.close();
  const jwk = open(sealed, masterKey().derive('signing-key/v1'), `signing-key ES256 ${kid}`).toString();
  return importKey(JSON.parse(jwk), { alg: 'ES256', kid });
}

interface Login {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function login(username: string, difference: object = {}): Promise<Login> {
  const body = { username, password: PASSWORD, client_id: 'console', ...difference };
  return (await world.post('/v1/login', body)).body as unknown as Login;
}

/** The attempt: to delete somebody. */
async function attempt(token: string, scheme = 'Bearer'): Promise<Answer> {
  const response = await fetch(`${world.url}/admin/v1/users/${victim}`, {
    method: 'DELETE',
    headers: { authorization: `${scheme} ${token}` },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? {} : JSON.parse(text) };
}

/** Claims of a token that would do, if it were an access token. */
async function goodClaims(): Promise<Record<string, unknown>> {
  const { access_token: token } = await login('root');
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

const forged = async (typ: string, difference: object = {}, key: Key = signingKey) =>
  signJwt({ ...(await goodClaims()), ...difference }, { key, typ });

/** Each way in, what must be answered, and what the audit says of it. */
const ATTACKS: readonly (readonly [name: string, token: () => Promise<string>, status: 401 | 403, reason: string])[] = [
  ['without the scope', async () => (await login('root', { scope: 'profile' })).access_token, 403, 'scope_missing'],
  ['by a user without the role', async () => (await login('ann')).access_token, 403, 'role_missing'],
  ['across tenants', async () => (await login('acme')).access_token, 403, 'beyond_tenant'],
  [
    'for another audience',
    async () => (await login('root', { client_id: 'elsewhere' })).access_token,
    401,
    'other_audience',
  ],
  ['with an ID token', () => forged('JWT'), 401, 'not_an_access_token'],
  ['with a logout token', () => forged('logout+jwt'), 401, 'not_an_access_token'],
  ['with an introspection answer', () => forged('token-introspection+jwt'), 401, 'not_an_access_token'],
  ['with a refresh token', async () => (await login('root')).refresh_token, 401, 'not_an_access_token'],
  ['with a token of another issuer', () => forged('at+jwt', { iss: 'https://other.test' }), 401, 'not_an_access_token'],
  ['with a token of another key', () => forged('at+jwt', {}, generateKey('ES256')), 401, 'not_an_access_token'],
  ['with a token that expired', () => forged('at+jwt', { exp: Math.floor(Date.now() / 1000) - 1 }), 401, 'expired'],
  [
    'with a scope that only begins like it',
    () => forged('at+jwt', { scope: `${ADMIN_SCOPE}:read x${ADMIN_SCOPE}` }),
    403,
    'scope_missing',
  ],
  ['by a revoked session', () => afterwards('root', (tokens) => logout(tokens)), 401, 'revoked'],
  ['by a user who was disabled', () => afterwards('root', () => changeRoot({ disabled: true })), 401, 'revoked'],
  [
    'by a client that was disabled',
    async () => {
      const { clientId: id, clientSecret: secretText } = builtInOperatorCredential(masterKey());
      const { access_token: token } = await clientCredentials(id, secretText);
      await world.issuer.admin.changeClient(id, { disabled: true });
      return token;
    },
    401,
    'revoked',
  ],
];

async function afterwards(username: string, end: (tokens: Login) => Promise<void>): Promise<string> {
  const tokens = await login(username);
  await end(tokens);
  return tokens.access_token;
}

const logout = async (tokens: Login) =>
  void (await world.post('/v1/logout', {}, { authorization: `Bearer ${tokens.access_token}` }));

async function changeRoot(change: object) {
  const root = await world.issuer.admin.findUser('root');
  await world.issuer.admin.changeUser(root?.id ?? '', change);
}

async function clientCredentials(id: string, secretText: string): Promise<{ access_token: string }> {
  const form = { grant_type: 'client_credentials', client_id: id, client_secret: secretText };
  const response = await fetch(`${world.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  return (await response.json()) as { access_token: string };
}

describe('I10', () => {
  it('is refused by what these tests would do with a right token: it deletes', async () => {
    await changeRoot({ disabled: false });
    const { id } = await world.issuer.admin.createUser({ username: 'other', password: PASSWORD });
    const { access_token: token } = await login('root');
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${world.url}/admin/v1/users/${id}`, { method: 'DELETE', headers });
    expect(answer.status).toBe(204);
    expect(
      (await world.get(`/admin/v1/users/${victim}`, { authorization: `Bearer ${await forged('at+jwt')}` })).status,
    ).toBe(200);
  });

  it.each(ATTACKS)('%s: refused and told', async (_name, make, status, reason) => {
    await changeRoot({ disabled: false });
    const answer = await attempt(await make());
    expect(answer.status).toBe(status);
    const code = status === 401 ? 'invalid_token' : 'insufficient_scope';
    expect(answer.body['code']).toBe(code);
    expect(answer.headers.get('www-authenticate')).toMatch(
      new RegExp(`^Bearer realm="sealgate", error="${code}"`, 'u'),
    );
    const [told] = await world.issuer.admin.audit.list({ limit: 1, event: 'administration_refused' });
    expect(told).toMatchObject({ outcome: 'refused', reason, target: 'route:DELETE /admin/v1/users/:id' });
    expect((await world.issuer.admin.readUser(victim)).disabled).toBe(false);
  });

  it('nothing of a token is in the audit or the log', async () => {
    const tokens = await Promise.all([login('root'), forged('JWT')]);
    const presented = [tokens[0].refresh_token, tokens[1]];
    for (const token of presented) await attempt(token);
    const told = JSON.stringify(await world.issuer.admin.audit.list({ limit: 100 })) + world.log.join('');
    for (const token of presented) expect(told).not.toContain(token.slice(-40));
    expect(told).not.toContain(readFileSync(path.join(world.folder, 'master.key'), 'utf8').trim());
  });
});
