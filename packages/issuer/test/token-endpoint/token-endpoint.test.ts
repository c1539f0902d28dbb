/** `POST /oauth/token`: client authentication and the client credentials grant (RFC 6749 sections 2.3, 4.4 and 5). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIENCE, WORKER, basic, claimsOf, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const grant = { grant_type: 'client_credentials' };
const post = (form: Readonly<Record<string, string>> | string, headers?: Readonly<Record<string, string>>) =>
  issuer.post('/oauth/token', form, headers);

describe('the client credentials grant (RFC 6749 section 4.4)', () => {
  it('gives an access token for the client itself, and no refresh token (section 4.4.3)', async () => {
    const { status, headers, body } = await post(grant, { authorization: basic(WORKER) });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    const claims = claimsOf(body['access_token']);
    expect(claims).toMatchObject({ sub: WORKER.id, client_id: WORKER.id, aud: AUDIENCE, iss: issuer.url });
    expect(claims).not.toHaveProperty('sid');
    expect(claims).not.toHaveProperty('roles');
  });

  it('gives each token an id and a status place of its own', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(grant, { authorization: basic(WORKER) })));
    const claims = answers.map(({ body }) => claimsOf(body['access_token']));
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(50);
    expect(new Set(claims.map(({ status }) => JSON.stringify(status))).size).toBe(50);
  });

  it.each([
    ['a scope beyond the client’s', { ...grant, scope: 'admin' }, 'invalid_scope'],
    ['a grant that does not exist', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['a grant named like a member of every object', { grant_type: 'constructor' }, 'unsupported_grant_type'],
    ['no grant type', {}, 'invalid_request'],
    [
      'a resource that is not the client’s (RFC 8707 section 2)',
      { ...grant, resource: 'https://x.test' },
      'invalid_target',
    ],
  ])('refuses %s (section 5.2)', async (_name, form, error) => {
    const { status, headers, body } = await post(form, { authorization: basic(WORKER) });
    expect([status, body['error']]).toEqual([400, error]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('refuses a public client (section 4.4)', async () => {
    const { status, body } = await post({ ...grant, client_id: 'orders-web' });
    expect([status, body['error']]).toEqual([400, 'unauthorized_client']);
  });
});

describe('client authentication (RFC 6749 section 2.3)', () => {
  it.each([
    ['client_secret_basic', {}, { authorization: basic(WORKER) }],
    ['client_secret_basic in another case', {}, { authorization: basic(WORKER).replace('Basic', 'bAsIc') }],
    ['client_secret_post', { client_id: WORKER.id, client_secret: WORKER.secret }, {}],
    ['basic with the same client_id beside it', { client_id: WORKER.id }, { authorization: basic(WORKER) }],
  ])('takes %s', async (_name, form, headers) => {
    expect((await post({ ...grant, ...form }, headers)).status).toBe(200);
  });

  it.each<[string, Record<string, string>, Record<string, string>, number, string]>([
    ['no client', {}, {}, 401, 'invalid_client'],
    ['an unknown client', { client_id: 'nobody', client_secret: WORKER.secret }, {}, 401, 'invalid_client'],
    ['a wrong secret', { client_id: WORKER.id, client_secret: 'wrong' }, {}, 401, 'invalid_client'],
    ['a confidential client without secret', { client_id: WORKER.id }, {}, 401, 'invalid_client'],
    ['a wrong secret, basic', {}, { authorization: basic({ id: WORKER.id, secret: 'wrong' }) }, 401, 'invalid_client'],
    ['another scheme', {}, { authorization: 'Bearer abc' }, 401, 'invalid_client'],
    ['basic that is not base64', {}, { authorization: 'Basic ä' }, 401, 'invalid_client'],
    ['basic without a colon', {}, { authorization: 'Basic b3JkZXJz' }, 401, 'invalid_client'],
    [
      'two ways at once',
      { client_id: WORKER.id, client_secret: WORKER.secret },
      { authorization: basic(WORKER) },
      400,
      'invalid_request',
    ],
    ['two clients', { client_id: 'orders-web' }, { authorization: basic(WORKER) }, 400, 'invalid_request'],
    [
      'the built-in verifier without its secret',
      { client_id: 'sealgate-gateway', client_secret: 'guess' },
      {},
      401,
      'invalid_client',
    ],
  ])('refuses %s', async (_name, form, headers, status, error) => {
    const answer = await post({ ...grant, ...form }, headers);
    expect([answer.status, answer.body['error']]).toEqual([status, error]);
    const challenged = 'authorization' in headers && status === 401;
    // Section 5.2: the scheme that the client used.
    expect(answer.headers.get('www-authenticate')).toBe(challenged ? 'Basic realm="sealgate", charset="UTF-8"' : null);
  });

  it('says the same of a client that does not exist and of a wrong secret (ATTACKS.md I5)', async () => {
    const unknown = await post({ ...grant, client_id: 'nobody', client_secret: WORKER.secret });
    const wrong = await post({ ...grant, client_id: WORKER.id, client_secret: 'wrong' });
    expect(unknown.body).toEqual(wrong.body);
  });
});

describe('parameters (RFC 6749 section 3.2)', () => {
  it.each([
    ['a parameter twice', 'grant_type=client_credentials&grant_type=client_credentials'],
    ['a parameter twice, once encoded', 'grant_type=client_credentials&grant%5Ftype=client_credentials'],
    ['an unknown parameter twice', 'grant_type=client_credentials&x=1&x=2'],
    ['a broken percent-encoding', 'grant_type=client_credentials&scope=%'],
    ['percent-encoded bytes that are not UTF-8', 'grant_type=client_credentials&scope=%ff'],
    [
      'a hundred parameters',
      `grant_type=client_credentials&${Array.from({ length: 100 }, (_u, n) => `p${n}=1`).join('&')}`,
    ],
  ])('refuses %s', async (_name, form) => {
    const { status, body } = await post(form, { authorization: basic(WORKER) });
    expect([status, body['error']]).toEqual([400, 'invalid_request']);
  });

  it('ignores parameters that it does not know, and takes one without value as absent', async () => {
    const { status, body } = await post({ ...grant, whatever: '1', scope: '' }, { authorization: basic(WORKER) });
    expect([status, body['scope']]).toEqual([200, 'orders:read orders:write']);
  });
});

describe('a client that is revoked', () => {
  it('gets no token whose iat its revocation hits, and a good one in the next second (ADR 6)', async () => {
    const id = 'short-lived';
    const secret = 'a-secret-that-is-long-enough-for-this';
    await issuer.issuer.admin.createClient({ id, secret, grants: ['client_credentials'], scopes: ['a'] });
    const before = await post(grant, { authorization: basic({ id, secret }) });
    await issuer.issuer.admin.revokeClient(id);
    const after = await post(grant, { authorization: basic({ id, secret }) });
    expect(await issuer.introspect(String(before.body['access_token']))).toEqual({ active: false });
    expect(await issuer.introspect(String(after.body['access_token']))).toMatchObject({ active: true });
  });
});
