/** `POST /oauth/revoke` (RFC 7009). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKER, basic, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const revoke = (token: string, more: Record<string, string> = { client_id: 'orders-web' }) =>
  issuer.post('/oauth/revoke', { token, ...more });

describe('token revocation', () => {
  it('of an access token ends that token alone', async () => {
    const { access_token: token, refresh_token } = await issuer.login();
    const { status, text } = await revoke(token);
    expect([status, text]).toEqual([200, '']);
    expect(await issuer.introspect(token)).toEqual({ active: false });
    expect((await issuer.refresh(refresh_token)).status).toBe(200);
  });

  it('of a refresh token ends its family and the family’s access tokens (section 2.1)', async () => {
    const tokens = await issuer.login();
    expect((await revoke(tokens.refresh_token)).status).toBe(200);
    expect(await issuer.introspect(tokens.access_token)).toEqual({ active: false });
    expect((await issuer.refresh(tokens.refresh_token)).status).toBe(400);
  });

  it('of a consumed refresh token ends its family too', async () => {
    const { refresh_token: first } = await issuer.login();
    const second = await issuer.refresh(first);
    await revoke(first);
    expect(await issuer.introspect(String(second.body['access_token']))).toEqual({ active: false });
  });

  it('takes a hint, right, wrong or unknown, and looks in the right place (section 2.1)', async () => {
    for (const token_type_hint of ['access_token', 'refresh_token', 'something']) {
      const { refresh_token: token } = await issuer.login();
      expect((await revoke(token, { client_id: 'orders-web', token_type_hint })).status).toBe(200);
      expect(await issuer.introspect(token)).toEqual({ active: false });
    }
  });

  it('is a success for tokens that are unknown or were revoked (section 2.2)', async () => {
    const { access_token: token } = await issuer.login();
    for (const text of ['abc', 'sgr_unknown', token, token]) expect((await revoke(text)).status).toBe(200);
  });

  it('is refused for a token of another client, which lives on (section 2.1)', async () => {
    const tokens = await issuer.login();
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const answer = await issuer.post('/oauth/revoke', { token }, { authorization: basic(WORKER) });
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    }
    expect((await issuer.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('needs a client and a token', async () => {
    expect((await issuer.post('/oauth/revoke', { token: 'x' })).status).toBe(401);
    const answer = await issuer.post('/oauth/revoke', { client_id: 'orders-web' });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });
});
