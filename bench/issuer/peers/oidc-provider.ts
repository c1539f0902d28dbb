/**
 * `oidc-provider` as it comes: in memory, one ES256 key, rotating refresh tokens, JWT access tokens for one resource and opaque
 * ones for another. Its development conveniences are off.
 *
 * Arguments: the port, and a file to write refresh tokens to, with their number; they stand for as many sign-ins.
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';
import { MemoryAdapter } from './memory-adapter.ts';
import { AUDIENCE, CLIENT, OPAQUE_AUDIENCE, SCOPES, TTL_SECONDS, WEB } from '../requests.ts';

const [port, file = '', count] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const day = 86_400;
const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: MemoryAdapter,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'bench-key-1', alg: 'ES256', use: 'sig' }] },
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    {
      client_id: WEB,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['https://client.bench.test/callback'],
      token_endpoint_auth_method: 'none',
    },
  ],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  scopes: ['openid', 'offline_access', ...SCOPES],
  ttl: {
    AccessToken: TTL_SECONDS,
    ClientCredentials: TTL_SECONDS,
    Grant: day,
    IdToken: TTL_SECONDS,
    RefreshToken: day,
  },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => AUDIENCE,
      getResourceServerInfo: (_context, resource) => ({
        scope: SCOPES.join(' '),
        audience: resource,
        accessTokenTTL: TTL_SECONDS,
        accessTokenFormat: resource === OPAQUE_AUDIENCE ? 'opaque' : 'jwt',
        ...(resource === OPAQUE_AUDIENCE ? {} : { jwt: { sign: { alg: 'ES256' as const } } }),
      }),
    },
  },
});

const client = await provider.Client.find(WEB);
if (client === undefined) throw new Error('the client is not known');
const scope = SCOPES.join(' ');
const tokens: string[] = [];
for (let index = 0; index < Number(count); index++) {
  const accountId = `user-${index}`;
  const grant = new provider.Grant({ accountId, clientId: WEB });
  grant.addResourceScope(AUDIENCE, scope);
  const grantId = await grant.save();
  const base = { accountId, client, grantId, scope, resource: AUDIENCE, gty: 'authorization_code' };
  tokens.push(await new provider.RefreshToken(base).save());
}
writeFileSync(file, `${tokens.join('\n')}\n`);
provider.listen(Number(port), '127.0.0.1');
