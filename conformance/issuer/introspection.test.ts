/** Introspection (RFC 7662), signed (RFC 9701), and revocation (RFC 7009), as somebody else's client, `oauth4webapi`, speaks them. */
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIAL, startRealIssuer, type RealIssuer } from '../guard/real-issuer.ts';

const INSECURE = { [oauth.allowInsecureRequests]: true } as const;
const api: oauth.Client = { client_id: CREDENTIAL.id, introspection_signed_response_alg: 'ES256' };
const web: oauth.Client = { client_id: 'orders-web' };

let issuer: RealIssuer;
let server: oauth.AuthorizationServer;

beforeAll(async () => {
  issuer = await startRealIssuer();
  const url = new URL(issuer.url);
  const response = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...INSECURE });
  server = await oauth.processDiscoveryResponse(url, response);
});
afterAll(() => issuer.destroy());

const ask = (
  token: string,
  requestJwtResponse: boolean,
  client = api,
  proof = oauth.ClientSecretBasic(CREDENTIAL.secret),
) => oauth.introspectionRequest(server, client, proof, token, { requestJwtResponse, ...INSECURE });
const introspect = async (token: string, signed = false) => {
  const response = await ask(token, signed);
  expect(response.headers.get('content-type')).toMatch(
    signed ? /^application\/token-introspection\+jwt$/u : /^application\/json/u,
  );
  const described = await oauth.processIntrospectionResponse(server, api, response);
  if (signed) await oauth.validateApplicationLevelSignature(server, response, INSECURE);
  return described;
};
const revoke = async (token: string, client = web, proof = oauth.None()) =>
  oauth.processRevocationResponse(await oauth.revocationRequest(server, client, proof, token, INSECURE));

describe.each([
  ['plain', false],
  ['signed (RFC 9701)', true],
])('introspection, %s', (_name, signed) => {
  it('describes an access token and a refresh token, until they are revoked', async () => {
    const { accessToken, refreshToken } = await issuer.login();
    const access = { active: true, iss: issuer.url, client_id: 'orders-web', token_type: 'Bearer' };
    expect(await introspect(accessToken, signed)).toMatchObject(access);
    expect(await introspect(refreshToken, signed)).toMatchObject({ active: true, client_id: 'orders-web' });
    await revoke(accessToken);
    expect(await introspect(accessToken, signed)).toEqual({ active: false });
    expect(await introspect(refreshToken, signed)).toMatchObject({ active: true });
    await revoke(refreshToken);
    expect(await introspect(refreshToken, signed)).toEqual({ active: false });
  });

  it('says nothing of what it does not know', async () => {
    for (const token of ['nonsense', 'sgr_nonsense'])
      expect(await introspect(token, signed)).toEqual({ active: false });
  });

  it('is for clients that may, and only for them (RFC 7662 section 2.1)', async () => {
    const { accessToken } = await issuer.login();
    const refused = await ask(accessToken, signed, web, oauth.None());
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'unauthorized_client' }]);
    const unknown = await ask(accessToken, signed, api, oauth.ClientSecretBasic('another secret'));
    expect([unknown.status, await unknown.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  });
});

describe('a signed answer (RFC 9701 section 5)', () => {
  it('is for the client that asked, and is no access token', async () => {
    const { accessToken } = await issuer.login();
    const text = await (await ask(accessToken, true)).text();
    const keys = createRemoteJWKSet(new URL(String(server.jwks_uri)));
    const { payload, protectedHeader } = await jwtVerify(text, keys, { issuer: issuer.url, audience: CREDENTIAL.id });
    expect(protectedHeader.typ).toBe('token-introspection+jwt');
    expect(Object.keys(payload).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection']);
    expect(await introspect(text)).toEqual({ active: false });
  });

  it.each(['*/*', 'application/*', 'application/json', 'application/token-introspection+jwt;q=0, application/json'])(
    'is not given to who accepts %s',
    async (accept) => {
      const authorization = `Basic ${Buffer.from(`${CREDENTIAL.id}:${encodeURIComponent(CREDENTIAL.secret)}`).toString('base64')}`;
      const body = new URLSearchParams({ token: 'x' });
      const headers = { accept, authorization };
      const response = await fetch(`${issuer.url}/oauth/introspect`, { method: 'POST', headers, body });
      expect(await response.json()).toEqual({ active: false });
    },
  );
});
