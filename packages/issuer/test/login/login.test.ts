/** `POST /v1/login`: from a user name and a password to a session with tokens. */
import { createVerifier, accessTokenProfile, parseJwks } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIENCE, USER, WORKER, basic, claimsOf, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';

const { username, password } = USER;
let issuer: IssuerUnderTest;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const attempt = (body: object) =>
  issuer.postJson('/v1/login', { username, password, client_id: 'orders-web', ...body });

describe('a login', () => {
  it('gives tokens, their life, the scope and the session (RFC 6749 section 5.1)', async () => {
    const { status, headers, body } = await attempt({});
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.stringMatching(/^eyJ/u),
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: expect.stringMatching(/^sgr_[\w-]{49}$/u),
      scope: 'orders:read orders:write',
      session: expect.stringMatching(/^ses_/u),
      device_token: expect.stringMatching(/^sgd_/u),
    });
  });

  it('gives an access token by the profile of RFC 9068 section 2.2, verifiable by the published keys', async () => {
    const { body } = await attempt({});
    const jwks = await issuer.get('/.well-known/jwks.json');
    const { keys } = parseJwks(jwks.body);
    const verifier = createVerifier(
      accessTokenProfile({ issuer: issuer.url, audience: AUDIENCE, keys, algorithms: ['ES256'] }),
    );
    const { header, claims } = verifier.verify(String(body['access_token']));
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    expect(claims).toMatchObject({
      client_id: 'orders-web',
      scope: 'orders:read orders:write',
      sid: body['session'],
      roles: ['editor'],
      sub: expect.stringMatching(/^usr_/u),
      jti: expect.any(String),
      status: { status_list: { idx: expect.any(Number), uri: `${issuer.url}/v1/status-lists/1` } },
    });
  });

  it('grants a narrower scope when asked (RFC 6749 section 3.3)', async () => {
    const { body } = await attempt({ scope: 'orders:read' });
    expect(body['scope']).toBe('orders:read');
    expect(claimsOf(body['access_token'])['scope']).toBe('orders:read');
  });

  it.each([
    ['in another case', 'DEMO@example.com'],
    ['in full-width letters', 'ｄｅｍｏ@example.com'],
  ])('finds a user whose name is written %s', async (_name, spelling) => {
    expect((await attempt({ username: spelling })).status).toBe(200);
  });

  it.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown user', { username: 'nobody@example.com' }],
    ['an unknown user with white space', { username: 'demo @example.com' }],
  ])('answers %s with the same words', async (_name, difference) => {
    const { status, body, headers } = await attempt(difference);
    expect(status).toBe(401);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/u);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/u);
    expect(body).toMatchObject({ code: 'invalid_credentials', detail: 'the user name or the password is wrong' });
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }, 401, 'invalid_client'],
    [
      'a client that may not log users in',
      { client_id: WORKER.id, client_secret: WORKER.secret },
      403,
      'unauthorized_client',
    ],
    ['a confidential client without its secret', { client_id: WORKER.id }, 401, 'invalid_client'],
    ['a public client with a secret', { client_secret: 'x'.repeat(40) }, 401, 'invalid_client'],
    ['a scope that is not the client’s', { scope: 'orders:read admin' }, 400, 'invalid_scope'],
    ['a malformed scope', { scope: 'orders:read  orders:write' }, 400, 'invalid_scope'],
    ['a resource that is not the client’s (RFC 8707)', { resource: 'https://other.test' }, 400, 'invalid_target'],
    ['a member that is not known', { admin: true }, 400, 'invalid_request'],
    ['no password', { password: undefined }, 400, 'invalid_request'],
    ['a password that is a number', { password: 12345678 }, 400, 'invalid_request'],
    ['a password of more than 1024 bytes', { password: 'ä'.repeat(600) }, 400, 'invalid_request'],
    ['a lone surrogate', { username: '\ud800' }, 400, 'invalid_request'],
  ])('refuses %s', async (_name, difference, status, code) => {
    const answer = await attempt(difference);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(answer.body['request_id']).toBe(answer.headers.get('x-request-id'));
  });

  it('refuses two ways of client authentication at once (RFC 6749 section 2.3)', async () => {
    const answer = await issuer.postJson(
      '/v1/login',
      { username, password, client_id: WORKER.id, client_secret: WORKER.secret },
      { authorization: basic(WORKER) },
    );
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_request']);
  });

  it('that is refused is in the log with its code and why, and nothing of it is hidden', async () => {
    const { headers } = await attempt({ password: 'wrong' });
    const id = String(headers.get('x-request-id'));
    const lines = issuer.log.filter((line) => line.includes(id)).map((line): object => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: 'refused',
        route: '/v1/login',
        refusal_code: 'invalid_credentials',
        reason: 'wrong_password',
      }),
    );
    // Whatever these tests made the issuer say: no member of its own is named like a secret.
    expect(issuer.log.join('')).not.toContain('[redacted]');
  });
});
