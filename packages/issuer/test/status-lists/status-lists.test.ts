/** `GET /v1/status-lists/:id` (Token Status List, sections 4, 5 and 8). */
import { inflateSync } from 'node:zlib';
import { parseJwks, verifyJws } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKER, basic, claimsOf, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;
let aheadMs = 0;

beforeAll(async () => {
  issuer = await startIssuer({ nowMs: () => Date.now() + aheadMs });
});
afterAll(() => issuer.close());

interface Reference {
  readonly idx: number;
  readonly uri: string;
}

const referenceOf = (token: unknown): Reference =>
  (claimsOf(token)['status'] as { status_list: Reference }).status_list;

/** What a verifier of another make does: fetch, verify, inflate, look. */
async function bitOf(token: unknown): Promise<number> {
  const { idx, uri } = referenceOf(token);
  const response = await fetch(uri, { headers: { accept: 'application/statuslist+jwt' } });
  expect(response.headers.get('content-type')).toMatch(/^application\/statuslist\+jwt/u);
  const { keys } = parseJwks((await issuer.get('/.well-known/jwks.json')).body);
  const { header, payload } = verifyJws(await response.text(), keys);
  expect(header.typ).toBe('statuslist+jwt');
  const claims = JSON.parse(Buffer.from(payload).toString());
  expect(claims).toMatchObject({ sub: uri, iss: issuer.url, ttl: expect.any(Number), status_list: { bits: 1 } });
  expect(claims.exp).toBeGreaterThan(claims.iat);
  const list = inflateSync(Buffer.from(claims.status_list.lst, 'base64url'));
  return ((list[idx >> 3] ?? 0) >> (idx & 7)) & 1;
}

const workerToken = async () => {
  const { body } = await issuer.post(
    '/oauth/token',
    { grant_type: 'client_credentials' },
    { authorization: basic(WORKER) },
  );
  return body['access_token'];
};

describe('a status list', () => {
  it('has 0 for a good token and 1 for one that was revoked by itself', async () => {
    const { access_token: token } = await issuer.login();
    expect(await bitOf(token)).toBe(0);
    await issuer.post('/oauth/revoke', { token, client_id: 'orders-web' });
    expect(await bitOf(token)).toBe(1);
  });

  it('has 1 for the tokens of a session, a family, a user and a client that were revoked, and for no others', async () => {
    const bystander = await issuer.login();
    const ended = await issuer.login();
    await issuer.postJson('/v1/logout', { refresh_token: ended.refresh_token });
    const stolen = await issuer.login();
    const second = await issuer.refresh(stolen.refresh_token);
    await issuer.refresh(String(second.body['refresh_token']));
    await issuer.refresh(stolen.refresh_token);
    const worker = await workerToken();
    await issuer.issuer.admin.revokeClient(WORKER.id);
    const workerLater = await workerToken();
    expect(
      await Promise.all([ended.access_token, stolen.access_token, second.body['access_token'], worker].map(bitOf)),
    ).toEqual([1, 1, 1, 1]);
    expect(await Promise.all([bystander.access_token, workerLater].map(bitOf))).toEqual([0, 0]);
    await issuer.issuer.admin.revokeUser(String(claimsOf(bystander.access_token)['sub']));
    expect(await bitOf(bystander.access_token)).toBe(1);
  });

  it('is the same text until something is revoked or its ttl is over', async () => {
    const { uri } = referenceOf(await workerToken());
    const text = async () => (await fetch(uri)).text();
    const first = await text();
    expect(await text()).toBe(first);
    aheadMs += 31_000;
    expect(await text()).not.toBe(first);
  });

  it('knows its place after a restart, and gives no place twice', async () => {
    const { access_token: token } = await issuer.login();
    await issuer.post('/oauth/revoke', { token, client_id: 'orders-web' });
    const { idx } = referenceOf(token);
    issuer = await issuer.restart();
    const places = await Promise.all(Array.from({ length: 20 }, async () => referenceOf(await workerToken()).idx));
    expect(places).not.toContain(idx);
    // The list's own address has changed with the port of this test's issuer.
    const response = await issuer.get('/v1/status-lists/1');
    const claims = claimsOf(response.text) as { status_list: { lst: string } };
    const list = inflateSync(Buffer.from(claims.status_list.lst, 'base64url'));
    expect(((list[idx >> 3] ?? 0) >> (idx & 7)) & 1).toBe(1);
  });
});
