/** What the issuer tells the audit: an event for each thing done, with who, from where, on what and how it came out, and never a secret. */
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { exportJwk, generateKey, publicKey, signJwt, type Key } from '@sealgate/jwt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUDIT_EVENTS } from '../../src/audit/event.ts';
import {
  USER,
  WORKER,
  basic,
  startIssuer,
  type Answer,
  type IssuerUnderTest,
  type TokenSet,
} from '../issuer-under-test.ts';

const { username, password } = USER;
let issuer: IssuerUnderTest;

beforeAll(async () => {
  issuer = await startIssuer({
    config: { audit: { stream: 'file:audit/events.jsonl', clientTokens: true }, dpop: { requireNonce: false } },
  });
});
afterAll(() => issuer.close());

type Told = Record<string, unknown>;

/** The events of what `work` does. Closing an issuer seals what waits; asking for the audit does so too. */
async function toldBy(work: () => Promise<unknown>): Promise<Told[]> {
  const before = (await issuer.issuer.admin.audit.list({ limit: 1 }))[0]?.seq ?? 0;
  await work();
  const rows = await issuer.issuer.admin.audit.list({ limit: 100 });
  return rows.filter(({ seq }) => seq > before).toReversed();
}

/** A proof of `key` for a `POST` to the issuer (RFC 9449 section 4.2). */
const proof = (key: Key, endpoint: string) =>
  signJwt(
    { jti: randomUUID(), htm: 'POST', htu: `${issuer.url}${endpoint}`, iat: Math.floor(Date.now() / 1000) },
    { key, typ: 'dpop+jwt', header: { jwk: exportJwk(publicKey(key)) } },
  );

const attempt = (difference: object) =>
  issuer.postJson(
    '/v1/login',
    { username, password, client_id: 'orders-web', ...difference },
    { 'user-agent': 'curl' },
  );

it('a login: who, from where, at which client, into which session', async () => {
  let session: unknown;
  const [told, ...more] = await toldBy(async () => {
    ({ session } = (await attempt({})).body);
  });
  expect(more).toEqual([]);
  expect(told).toEqual({
    seq: expect.any(Number),
    mac: expect.stringMatching(/^[\w-]{43}$/u),
    id: expect.stringMatching(/^evt_[0-9a-f]{32}$/u),
    time: expect.stringMatching(/Z$/u),
    event: 'login',
    outcome: 'success',
    actor: { kind: 'user', id: expect.stringMatching(/^usr_/u) },
    subject: expect.stringMatching(/^usr_/u),
    client_id: 'orders-web',
    session,
    address: '127.0.0.1',
    user_agent: 'curl',
    request_id: expect.any(String),
  });
});

it.each([
  ['a wrong password', { password: 'canary-wrong-password' }, 'wrong_password'],
  ['a user who does not exist', { username: 'canary-unknown-name' }, 'unknown_user'],
])('a login refused for %s, without what was typed', async (_name, difference, reason) => {
  const told = await toldBy(() => attempt(difference));
  expect(told).toEqual([expect.objectContaining({ event: 'login', outcome: 'refused', reason })]);
  expect(told[0]?.['actor']).toEqual({ kind: 'anonymous' });
  expect(JSON.stringify(told)).not.toContain('canary');
});

it('a refresh, and why one was refused (issue: expired, revoked, reused, unknown, client mismatch)', async () => {
  let tokens: TokenSet | undefined;
  const first = await issuer.login();
  await issuer.issuer.admin.createClient({ id: 'other-app', grants: ['refresh_token'] });
  const told = await toldBy(async () => {
    tokens = (await issuer.refresh(first.refresh_token)).body as unknown as TokenSet;
    await issuer.refresh(tokens.refresh_token);
    // The successor of its successor was given: it comes back too late.
    await issuer.refresh(first.refresh_token);
    await issuer.refresh(tokens.refresh_token);
    await issuer.refresh('sgr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    await issuer.post('/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token: first.refresh_token,
      client_id: 'other-app',
    });
  });
  expect(told.map(({ event, outcome, reason }) => [event, outcome, reason])).toEqual([
    ['refresh', 'success', undefined],
    ['refresh', 'success', undefined],
    ['refresh', 'refused', 'reused'],
    ['refresh', 'refused', 'revoked'],
    ['refresh', 'refused', 'malformed'],
    ['refresh', 'refused', 'client_mismatch'],
  ]);
  expect(told[2]).toMatchObject({ session: first.session, target: expect.stringMatching(/^family:fam_/u) });
  expect(JSON.stringify(told)).not.toContain('sgr_');
});

it('a refresh with another key or from another client: which, and to the client no more than RFC 6749 section 5.2 allows', async () => {
  await issuer.issuer.admin.createClient({ id: 'neighbour', grants: ['refresh_token'] });
  const [owner, thief] = [generateKey('ES256'), generateKey('ES256')];
  const body = { username, password, client_id: 'orders-web' };
  const bound = (await issuer.postJson('/v1/login', body, { dpop: proof(owner, '/v1/login') })).body;
  const present = (client: string, headers: Record<string, string>) =>
    issuer.post(
      '/oauth/token',
      { grant_type: 'refresh_token', refresh_token: String(bound['refresh_token']), client_id: client },
      headers,
    );
  const answers: Answer[] = [];
  const told = await toldBy(async () => {
    answers.push(await present('orders-web', { dpop: proof(thief, '/oauth/token') }));
    answers.push(await present('orders-web', {}));
    answers.push(await present('neighbour', { dpop: proof(owner, '/oauth/token') }));
  });
  expect(told.map(({ event, outcome, reason }) => [event, outcome, reason])).toEqual([
    ['refresh', 'refused', 'sender_mismatch'],
    ['refresh', 'refused', 'sender_mismatch'],
    ['refresh', 'refused', 'client_mismatch'],
  ]);
  for (const row of told)
    expect(row).toMatchObject({ session: bound['session'], subject: expect.stringMatching(/^usr_/u) });
  for (const { status, body: refused } of answers) {
    expect([status, refused['error']]).toEqual([400, 'invalid_grant']);
  }
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  // Neither made the family any less good for its owner.
  expect((await present('orders-web', { dpop: proof(owner, '/oauth/token') })).status).toBe(200);
});

it('what a user does about sessions and the password', async () => {
  const told = await toldBy(async () => {
    const [one, other, last] = [await issuer.login(), await issuer.login(), await issuer.login()];
    const bearer = { authorization: `Bearer ${last.access_token}` };
    await fetch(`${issuer.url}/v1/sessions/${one.session}`, { method: 'DELETE', headers: bearer });
    await issuer.postJson('/v1/logout', { refresh_token: other.refresh_token });
    const change = (current: string) =>
      issuer.postJson('/v1/password', { current_password: current, new_password: password }, bearer);
    await change('canary-not-the-password');
    await change(password);
  });
  expect(told.slice(3).map(({ event, outcome }) => [event, outcome])).toEqual([
    ['session_ended', 'success'],
    ['logout', 'success'],
    ['password_changed', 'refused'],
    ['password_changed', 'success'],
  ]);
});

it('what clients do, and those that do not prove themselves', async () => {
  const told = await toldBy(async () => {
    const { body } = await issuer.post(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      { authorization: basic(WORKER) },
    );
    await issuer.post('/oauth/revoke', { token: String(body['access_token']) }, { authorization: basic(WORKER) });
    await issuer.post(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      { authorization: basic({ id: WORKER.id, secret: 'canary-secret' }) },
    );
  });
  expect(told.map(({ event, outcome, reason }) => [event, outcome, reason])).toEqual([
    ['client_token', 'success', undefined],
    ['token_revoked', 'success', undefined],
    ['client_authentication', 'refused', 'secret_wrong'],
  ]);
  expect(told[0]?.['target']).toBe(told[1]?.['target']);
});

it('what an operator does, and what the issuer does with its keys', async () => {
  const { admin } = issuer.issuer;
  const told = await toldBy(async () => {
    const user = await admin.createUser({ username: 'told', password: 'a password to be told of' });
    await admin.changeUser(user.id, { roles: ['viewer'] });
    await admin.setPassword(user.id, 'another password to be told of');
    await admin.changeUser(user.id, { disabled: true });
    await admin.changeUser(user.id, { disabled: false });
    await admin.revokeUser(user.id);
    await admin.deleteUser(user.id);
    await admin.createConfidentialClient({ id: 'told-app', grants: ['client_credentials'] });
    const secret = await admin.addClientSecret('told-app');
    await admin.removeClientSecret('told-app', secret.id);
    await admin.changeClient('told-app', { name: 'Told', scopes: ['a'] });
    await admin.changeClient('told-app', { disabled: true });
    await admin.changeClient('told-app', { disabled: false });
    await admin.revokeClient('told-app');
    await admin.deleteClient('told-app');
    await admin.createUser({ username: 'told', password: 'a password to be told of' });
    await admin.revokeSession('ses_none');
    await admin.keys.rotate('ES256');
    const announced = (await admin.keys.list()).find(({ state }) => state === 'announced');
    await admin.keys.compromise(announced?.kid ?? '');
    await expect(admin.createUser({ username: 'told', password: 'a password to be told of' })).rejects.toThrow();
  });
  expect(told.map(({ event }) => event)).toEqual([
    'user_created',
    'user_changed',
    'user_password_set',
    'user_disabled',
    'user_enabled',
    'user_revoked',
    'user_deleted',
    'client_created',
    'client_secret_added',
    'client_secret_removed',
    'client_changed',
    'client_disabled',
    'client_enabled',
    'client_revoked',
    'client_deleted',
    'user_created',
    'session_ended',
    'key_announced',
    'key_compromised',
  ]);
  expect(told.map(({ actor }) => actor)).toEqual(told.map(() => ({ kind: 'operator' })));
});

it('is streamed as lines of JSON, for its owner only, without a gap and without a secret', async () => {
  const rows = await issuer.issuer.admin.audit.list({ limit: 1000 });
  const file = path.join(issuer.folder, 'audit/events.jsonl');
  const text = readFileSync(file, 'utf8');
  const streamed = text
    .trim()
    .split('\n')
    .map((line): Told => JSON.parse(line));
  expect(streamed).toEqual(rows.toReversed());
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(text).not.toMatch(/canary|sgr_\w{40}|eyJ[\w-]+\.|correct horse/u);
});

it('is described: each event in docs/audit.md, and no other', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../../../docs/audit.md'), 'utf8');
  const described = [...text.matchAll(/^\| `([a-z_]+)` \|/gmu)].map(([, name]) => name);
  expect(described).toEqual(Object.keys(AUDIT_EVENTS));
});
