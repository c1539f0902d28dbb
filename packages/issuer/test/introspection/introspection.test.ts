/** `POST /oauth/introspect` (RFC 7662). */
import { generateKey, signJwt } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIENCE, WORKER, basic, claimsOf, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;
let aheadMs = 0;

beforeAll(async () => {
  issuer = await startIssuer({ nowMs: () => Date.now() + aheadMs });
});
afterAll(() => issuer.close());

describe('introspection', () => {
  it('describes an access token by its claims (section 2.2)', async () => {
    const { access_token: token, session } = await issuer.login();
    const { status: _status, ...claims } = claimsOf(token);
    expect(await issuer.introspect(token)).toEqual({ active: true, token_type: 'Bearer', ...claims });
    expect(claims['sid']).toBe(session);
  });

  it('describes a refresh token by what it may bring', async () => {
    const { refresh_token: token, session } = await issuer.login();
    expect(await issuer.introspect(token)).toMatchObject({
      active: true,
      client_id: 'orders-web',
      sid: session,
      aud: [AUDIENCE],
      scope: 'orders:read orders:write',
    });
  });

  it('calls a refresh token inactive once it is consumed', async () => {
    const { refresh_token: token } = await issuer.login();
    await issuer.refresh(token);
    expect(await issuer.introspect(token)).toEqual({ active: false });
  });

  it('says nothing but inactive of an expired token', async () => {
    const { access_token: token } = await issuer.login();
    aheadMs = 600_000;
    expect(await issuer.introspect(token)).toEqual({ active: false });
    aheadMs = 0;
    expect(await issuer.introspect(token)).toMatchObject({ active: true });
  });

  it.each<[string, (token: string) => string]>([
    ['text', () => 'abc'],
    ['an unknown refresh token', () => 'sgr_unknown'],
    ['a token with one character changed', (token) => token.replace(/.$/u, (last) => (last === 'A' ? 'B' : 'A'))],
    [
      'the same claims signed by another key',
      (token) => signJwt(claimsOf(token), { key: generateKey('ES256'), typ: 'at+jwt' }),
    ],
  ])('says nothing but inactive of %s (section 2.2)', async (_name, change) => {
    const { access_token: token } = await issuer.login();
    expect(await issuer.introspect(change(token))).toEqual({ active: false });
  });

  it('is refused to clients without the permission (section 2.1)', async () => {
    const secret = 'a-secret-that-is-long-enough-for-this';
    await issuer.issuer.admin.createClient({ id: 'plain', secret, grants: ['client_credentials'] });
    const { access_token: token } = await issuer.login();
    const answer = await issuer.post('/oauth/introspect', { token }, { authorization: basic({ id: 'plain', secret }) });
    expect([answer.status, answer.body['error']]).toEqual([400, 'unauthorized_client']);
    const publicClient = await issuer.post('/oauth/introspect', { token, client_id: 'orders-web' });
    expect([publicClient.status, publicClient.body['error']]).toEqual([400, 'unauthorized_client']);
  });

  it('needs a client and a token', async () => {
    expect((await issuer.post('/oauth/introspect', { token: 'x' })).status).toBe(401);
    const answer = await issuer.post('/oauth/introspect', {}, { authorization: basic(WORKER) });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it('is open to the holder of the master key', async () => {
    const { clientId: id, clientSecret: secret } = issuer.issuer.verifierCredential;
    const { access_token: token } = await issuer.login();
    const answer = await issuer.post('/oauth/introspect', { token }, { authorization: basic({ id, secret }) });
    expect(answer.body['active']).toBe(true);
  });
});
