/**
 * I7, the half of the issuer: DPoP (RFC 9449) with somebody else's client, `oauth4webapi`, and with proofs that a test gets wrong; and
 * certificate-bound tokens (RFC 8705) behind a proxy that ends TLS.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGuard, type Guard, type RequestFacts } from '@sealgate/guard';
import { createIssuer, issuerConfigSchema, type Issuer } from '@sealgate/issuer';
import { exportJwk, generateKey, publicKey, signJwt, thumbprint, type Key } from '@sealgate/jwt';
import { createMetrics, parseConfig, silentLogger } from '@sealgate/service';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientCertificate } from './client-certificate.ts';

const AUDIENCE = 'https://api.acme.test';
const USER = { username: 'demo@example.com', password: 'correct horse battery staple' };
const SECRET = 'a secret of a client, for tests only';
const INSECURE = { [oauth.allowInsecureRequests]: true } as const;

let issuer: Issuer;
let url: string;
let folder: string;
let nowMs: () => number;
let aheadMs = 0;
let server: oauth.AuthorizationServer;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-dpop-'));
  nowMs = () => Date.now() + aheadMs;
  const config = parseConfig(
    {
      url: 'http://127.0.0.1:0',
      database: 'sqlite:sealgate.db',
      accessToken: { audience: AUDIENCE },
      keys: { masterKey: 'file:master.key' },
      passwords: { memoryKib: 8192, iterations: 1 },
      clientCertificates: { header: 'x-client-certificate', trustProxies: ['127.0.0.0/8'] },
    },
    issuerConfigSchema,
    { folder },
  );
  issuer = await createIssuer({ config, logger: silentLogger(), metrics: createMetrics(), nowMs });
  const { admin } = issuer;
  await admin.createUser(USER);
  await admin.createClient({ id: 'spa', grants: ['login', 'refresh_token'] });
  await admin.createClient({ id: 'bound-spa', grants: ['login', 'refresh_token'], dpopBoundAccessTokens: true });
  await admin.createClient({
    id: 'bound',
    secret: SECRET,
    grants: ['client_credentials'],
    dpopBoundAccessTokens: true,
  });
  await admin.createClient({ id: 'worker', secret: SECRET, grants: ['client_credentials'], introspection: true });
  await admin.createClient({
    id: 'machine',
    secret: SECRET,
    grants: ['client_credentials'],
    tlsClientCertificateBoundAccessTokens: true,
  });
  ({ url } = await issuer.listen());
  const issuerUrl = new URL(url);
  const response = await oauth.discoveryRequest(issuerUrl, { algorithm: 'oauth2', ...INSECURE });
  server = await oauth.processDiscoveryResponse(issuerUrl, response);
});
afterAll(async () => {
  await issuer.close();
  rmSync(folder, { recursive: true });
});

const proofOf = (key: Key, target: string, claims: Record<string, unknown> = {}): string =>
  signJwt(
    { jti: randomUUID(), htm: 'POST', htu: url + target, iat: Math.floor(nowMs() / 1000), ...claims },
    { key, typ: 'dpop+jwt', header: { jwk: exportJwk(publicKey(key)) } },
  );
const send = async (target: string, body: object, proof?: string) => {
  const isForm = body instanceof URLSearchParams;
  const response = await fetch(url + target, {
    method: 'POST',
    headers: {
      ...(isForm ? {} : { 'content-type': 'application/json' }),
      ...(proof === undefined ? {} : { dpop: proof }),
    },
    body: isForm ? body : JSON.stringify(body),
  });
  const answer = JSON.parse(await response.text()) as Record<string, unknown>;
  return { status: response.status, nonce: response.headers.get('dpop-nonce') ?? '', body: answer };
};
const credentials = (client_id: string) =>
  new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret: SECRET });
/** A proof with the nonce that the issuer asks for. */
const prove = async (key: Key, target: string) => {
  const { nonce } = await send('/oauth/token', credentials('bound'), proofOf(key, '/oauth/token'));
  return proofOf(key, target, { nonce });
};
const guarded = async (): Promise<Guard> => {
  const guard = createGuard({
    url,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    client: { id: 'worker', secret: SECRET },
    revocation: { feed: 'push', staleAfterSeconds: 60 },
  });
  await guard.ready;
  return guard;
};
const claimsOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
const login = async (key?: Key) =>
  send('/v1/login', { ...USER, client_id: 'spa' }, key === undefined ? undefined : await prove(key, '/v1/login'));
const refresh = async (token: unknown, key?: Key) =>
  send(
    '/v1/refresh',
    { refresh_token: token, client_id: 'spa' },
    key === undefined ? undefined : await prove(key, '/v1/refresh'),
  );

describe('oauth4webapi', () => {
  it('gets a bound token, by way of the nonce, that a guard refuses as bearer', async () => {
    expect(server.dpop_signing_alg_values_supported).toContain('ES256');
    const client: oauth.Client = { client_id: 'bound' };
    const pair = await oauth.generateKeyPair('ES256');
    const handle = oauth.DPoP(client, pair);
    const ask = () =>
      oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic(SECRET), new URLSearchParams(), {
        DPoP: handle,
        ...INSECURE,
      });
    const first = await ask();
    const refused = await oauth
      .processClientCredentialsResponse(server, client, first)
      .catch((error: unknown) => error);
    expect(oauth.isDPoPNonceError(refused)).toBe(true);
    const granted = await oauth.processClientCredentialsResponse(server, client, await ask());
    expect(granted.token_type).toBe('dpop');
    expect(claimsOf(granted.access_token)['cnf']).toEqual({ jkt: await handle.calculateThumbprint() });

    const guard = await guarded();
    const policy = guard.compile({ auth: 'required' });
    const facts: RequestFacts = {
      method: 'GET',
      path: '/',
      authorization: [`Bearer ${granted.access_token}`],
      nowSeconds: nowMs() / 1000,
    };
    expect(await guard.check(facts, policy)).toMatchObject({ allow: false, code: 'invalid_token' });
    await guard.close();
  });

  it('reads what introspection says of a bound token (RFC 9449 section 6.2), which a guard admits with its proof', async () => {
    const key = generateKey('Ed25519');
    const { body } = await send('/oauth/token', credentials('bound'), await prove(key, '/oauth/token'));
    const client: oauth.Client = { client_id: 'worker' };
    const token = String(body['access_token']);
    const ath = createHash('sha256').update(token).digest('base64url');
    const proof = signJwt(
      { jti: randomUUID(), htm: 'GET', htu: 'http://api.test/', iat: Math.floor(nowMs() / 1000), ath },
      { key, typ: 'dpop+jwt', header: { jwk: exportJwk(publicKey(key)) } },
    );
    const guard = await guarded();
    const facts: RequestFacts = {
      method: 'GET',
      path: '/',
      scheme: 'http',
      host: 'api.test',
      authorization: [`DPoP ${token}`],
      rawHeaders: ['dpop', proof],
      nowSeconds: nowMs() / 1000,
    };
    expect(await guard.check(facts, guard.compile({ auth: 'required' }))).toMatchObject({ allow: true });
    await guard.close();
    const response = await oauth.introspectionRequest(server, client, oauth.ClientSecretPost(SECRET), token, INSECURE);
    const described = await oauth.processIntrospectionResponse(server, client, response);
    expect(described).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: thumbprint(key) } });
  });
});

describe('a proof', () => {
  const key = generateKey('ES256');

  it('is needed where the client’s tokens are bound (RFC 9449 section 5.2)', async () => {
    const { status, body } = await send('/oauth/token', credentials('bound'));
    expect([status, body['error']]).toEqual([400, 'invalid_dpop_proof']);
  });

  it('binds the tokens of any other client that sends one', async () => {
    const { body } = await send('/oauth/token', credentials('worker'), await prove(key, '/oauth/token'));
    expect(body['token_type']).toBe('DPoP');
    expect((await send('/oauth/token', credentials('worker'))).body['token_type']).toBe('Bearer');
  });

  it('counts once, whoever takes it (section 11.1)', async () => {
    const proof = await prove(key, '/oauth/token');
    expect((await send('/oauth/token', credentials('bound'), proof)).status).toBe(200);
    const again = await send('/oauth/token', credentials('bound'), proof);
    expect([again.status, again.body['error']]).toEqual([400, 'invalid_dpop_proof']);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['for another method', { htm: 'GET' }, 'invalid_dpop_proof'],
    ['for another endpoint', { htu: 'http://127.0.0.1/v1/login' }, 'invalid_dpop_proof'],
    ['that is old', { iat: Math.floor(Date.now() / 1000) - 120 }, 'invalid_dpop_proof'],
    ['without a jti', { jti: undefined }, 'invalid_dpop_proof'],
    ['without a nonce', { nonce: undefined }, 'use_dpop_nonce'],
    ['with a nonce of nobody’s', { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'use_dpop_nonce'],
  ])('%s is refused', async (_name, wrong, error) => {
    const { nonce } = await send('/oauth/token', credentials('bound'), proofOf(key, '/oauth/token'));
    const claims = Object.fromEntries(Object.entries({ nonce, ...wrong }).filter(([, value]) => value !== undefined));
    const proof =
      'jti' in wrong
        ? signJwt(
            { htm: 'POST', htu: `${url}/oauth/token`, iat: Math.floor(nowMs() / 1000), nonce },
            { key, typ: 'dpop+jwt', header: { jwk: exportJwk(publicKey(key)) } },
          )
        : proofOf(key, '/oauth/token', claims.nonce === undefined && 'nonce' in wrong ? {} : claims);
    const { status, body } = await send('/oauth/token', credentials('bound'), proof);
    expect([status, body['error']]).toEqual([400, error]);
  });

  it('with a nonce of minutes ago is refused, and the answer has the next', async () => {
    const proof = await prove(key, '/oauth/token');
    aheadMs = 10 * 60_000;
    const fresh = proofOf(key, '/oauth/token', { nonce: claimsOf(proof)['nonce'] });
    const { body, nonce } = await send('/oauth/token', credentials('bound'), fresh);
    expect(body['error']).toBe('use_dpop_nonce');
    expect((await send('/oauth/token', credentials('bound'), proofOf(key, '/oauth/token', { nonce }))).status).toBe(
      200,
    );
    aheadMs = 0;
  });
});

describe('a key and cookies', () => {
  const key = generateKey('ES256');
  const inCookies = async (target: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(url + target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
      body: JSON.stringify({ ...body, transport: 'cookie' }),
    });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.replace(/;.*$/u, ''));
    const answer = JSON.parse(await response.text()) as Record<string, unknown>;
    return { status: response.status, code: answer['code'], detail: answer['detail'], cookies };
  };
  const unsuitable = { status: 400, code: 'transport_unsuitable', cookies: [] };

  it('do not go together at login: no script could prove for a token that it cannot see (RFC 9449 section 4.2)', async () => {
    const proof = await prove(key, '/v1/login');
    expect(await inCookies('/v1/login', { ...USER, client_id: 'spa' }, { dpop: proof })).toMatchObject(unsuitable);
    expect(await inCookies('/v1/login', { ...USER, client_id: 'bound-spa' })).toMatchObject({
      ...unsuitable,
      detail: 'this client’s tokens are bound to a key, and cannot come as cookies',
    });
    // Nothing was taken: the same proof is good where the tokens come in the body.
    expect((await send('/v1/login', { ...USER, client_id: 'spa' }, proof)).status).toBe(200);
  });

  it('do not go together at refresh, and trying uses nothing up', async () => {
    const { status, cookies } = await inCookies('/v1/login', { ...USER, client_id: 'spa' });
    expect(status).toBe(200);
    const cookie = cookies.join('; ');
    const proof = await prove(key, '/v1/refresh');
    expect(await inCookies('/v1/refresh', { client_id: 'spa' }, { cookie, dpop: proof })).toMatchObject(unsuitable);
    expect(await inCookies('/v1/refresh', { client_id: 'spa' }, { cookie })).toMatchObject({ status: 200 });
  });
});

describe('a public client’s refresh tokens (RFC 9449 section 5)', () => {
  it('are bound to the key of the login: nobody refreshes without it, and nothing is lost by trying', async () => {
    const [key, thief] = [generateKey('ES256'), generateKey('ES256')];
    const { body } = await login(key);
    expect(body['token_type']).toBe('DPoP');
    for (const wrong of [undefined, thief]) {
      const { status, body: refused } = await refresh(body['refresh_token'], wrong);
      expect([status, refused['code']]).toEqual([400, 'invalid_grant']);
    }
    const second = await refresh(body['refresh_token'], key);
    expect(claimsOf(second.body['access_token'])['cnf']).toEqual({ jkt: thumbprint(key) });
    expect((await refresh(second.body['refresh_token'], key)).status).toBe(200);
  });

  it('come with access tokens that the issuer’s own endpoints take with a proof alone (section 7.2)', async () => {
    const key = generateKey('ES256');
    const { body } = await login(key);
    const token = String(body['access_token']);
    const ath = createHash('sha256').update(token).digest('base64url');
    const sessions = (headers: Record<string, string>) => fetch(`${url}/v1/sessions`, { headers });
    const proof = proofOf(key, '/v1/sessions', { htm: 'GET', ath });
    expect((await sessions({ authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await sessions({ authorization: `Bearer ${token}`, dpop: proof })).status).toBe(401);
    expect((await sessions({ authorization: `DPoP ${token}` })).status).toBe(400);
    expect((await sessions({ authorization: `DPoP ${token}`, dpop: proof })).status).toBe(200);
    expect((await sessions({ authorization: `DPoP ${token}`, dpop: proof })).status).toBe(400);
  });

  it('stay bearer tokens after a login without a proof', async () => {
    const { body } = await login();
    expect(body['token_type']).toBe('Bearer');
    expect((await refresh(body['refresh_token'])).status).toBe(200);
  });
});

describe('tokens bound to a certificate (RFC 8705 section 3)', () => {
  const { pem, der, x5tS256 } = clientCertificate();
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(`${url}/oauth/token`, { method: 'POST', headers, body: credentials('machine') });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it.each([
    ['URL-encoded PEM', encodeURIComponent(pem)],
    ['the field of RFC 9440', `:${der.toString('base64')}:`],
  ])('carry its thumbprint, handed on as %s', async (_name, value) => {
    const { body } = await ask({ 'x-client-certificate': value });
    expect(body['token_type']).toBe('Bearer');
    expect(claimsOf(body['access_token'])['cnf']).toEqual({ 'x5t#S256': x5tS256 });
  });

  it.each<[string, Record<string, string>]>([
    ['none', {}],
    ['one that is none', { 'x-client-certificate': 'hello' }],
  ])('are refused with %s', async (_name, headers) => {
    const { status, body } = await ask(headers);
    expect([status, body['error']]).toEqual([400, 'invalid_request']);
  });
});
