/** Our issuer as the oracle tests see it: real HTTP, its state in a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIssuer, issuerConfigSchema } from '@sealgate/issuer';
import { createMetrics, parseConfig, silentLogger } from '@sealgate/service';
import { AUDIENCE, LIMITED, OTHER, READER, SCOPES, WEB, WORKER, type World, sendTo } from './world.ts';
import { basic, form } from './requests.ts';

const USER = { username: 'user@oracle.test', password: 'correct horse battery staple' };
const PATHS = { token: '/oauth/token', introspect: '/oauth/introspect', revoke: '/oauth/revoke' };

export async function startSealgateWorld(): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-oracle-'));
  const settings = {
    url: 'http://127.0.0.1:0',
    database: 'sqlite:sealgate.db',
    accessToken: { audience: AUDIENCE },
    keys: { masterKey: 'file:master.key' },
    passwords: { memoryKib: 8192, iterations: 1 },
  };
  const config = parseConfig(settings, issuerConfigSchema, { folder });
  const issuer = await createIssuer({ config, logger: silentLogger(), metrics: createMetrics() });
  const { admin } = issuer;
  await admin.createUser(USER);
  await admin.createClient({ ...WORKER, grants: ['client_credentials'], scopes: SCOPES });
  await admin.createClient({ ...READER, grants: ['client_credentials'], introspection: true });
  await admin.createClient({ ...LIMITED, grants: ['refresh_token'], scopes: SCOPES });
  for (const id of [WEB, OTHER]) await admin.createClient({ id, grants: ['login', 'refresh_token'], scopes: SCOPES });
  const { url } = await issuer.listen();

  async function tokenFrom(target: string, init: RequestInit, member: string): Promise<string> {
    const answer = await fetch(`${url}${target}`, { method: 'POST', ...init });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${target} answered ${answer.status}: ${text}`);
    const body: Record<string, unknown> = JSON.parse(text);
    return String(body[member]);
  }

  return {
    send: (request) => sendTo(`${url}${PATHS[request.endpoint]}`, request),
    accessToken: () => {
      const { headers, body } = form('token', { grant_type: 'client_credentials' }, basic(WORKER));
      return tokenFrom(PATHS.token, { headers, body }, 'access_token');
    },
    refreshToken: () => {
      const body = JSON.stringify({ ...USER, client_id: WEB });
      return tokenFrom('/v1/login', { headers: { 'content-type': 'application/json' }, body }, 'refresh_token');
    },
    close: async () => {
      await issuer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
