/**
 * The oracle: `oidc-provider` in memory, with the same clients. Its access tokens are opaque here, because it can neither introspect
 * nor revoke its own JWTs; refresh tokens rotate. The sign-in that its flows need is replaced by writing its records directly.
 */
import http from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { Provider, errors } from 'oidc-provider';
import { basic, form } from './requests.ts';
import { LIMITED, OTHER, READER, SCOPES, WEB, WORKER, type World, sendTo } from './world.ts';

const USER = 'user-1';
const PATHS = { token: '/token', introspect: '/token/introspection', revoke: '/token/revocation' };

export async function startOidcProviderWorld(): Promise<World> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider('http://127.0.0.1', {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['oracle'] },
    scopes: ['openid', 'offline_access', ...SCOPES],
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    rotateRefreshToken: true,
    ttl: { AccessToken: 600, ClientCredentials: 600, Grant: 600, IdToken: 600, RefreshToken: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => {
          throw new errors.InvalidTarget();
        },
      },
      introspection: { enabled: true, allowedPolicy: (_context, client) => client.clientId === READER.id },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => client.clientId === token.clientId },
    },
    clients: [
      { ...confidential(WORKER), grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
      { ...confidential(READER), grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
      { ...confidential(LIMITED), ...interactive() },
      { client_id: WEB, token_endpoint_auth_method: 'none', ...interactive() },
      { client_id: OTHER, token_endpoint_auth_method: 'none', ...interactive() },
    ],
  });
  const handle = provider.callback();
  const server = http.createServer((request, response) => void handle(request, response));
  const url = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    });
  });

  return {
    send: (request) => sendTo(`${url}${PATHS[request.endpoint]}`, request),
    async accessToken() {
      const { headers, body } = form('token', { grant_type: 'client_credentials' }, basic(WORKER));
      const answer = await fetch(`${url}${PATHS.token}`, { method: 'POST', headers, body });
      const { access_token: token }: { access_token?: string } = JSON.parse(await answer.text());
      if (token === undefined) throw new Error(`oidc-provider gave no token: ${answer.status}`);
      return token;
    },
    async refreshToken() {
      const client = await provider.Client.find(WEB);
      if (client === undefined) throw new Error('oidc-provider does not know its client');
      const scope = ['openid', 'offline_access', ...SCOPES].join(' ');
      const grant = new provider.Grant({ accountId: USER, clientId: WEB });
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      const token = new provider.RefreshToken({ accountId: USER, client, grantId, scope, gty: 'authorization_code' });
      return token.save();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function confidential({ id, secret }: typeof WORKER) {
  return { client_id: id, client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' as const };
}

function interactive() {
  return {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code' as const],
    redirect_uris: ['https://client.oracle.test/callback'],
  };
}
