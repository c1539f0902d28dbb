/** The issuer of this repository on an ephemeral port, seeded, for guards to trust. */
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIssuer, issuerConfigSchema, type Issuer } from '@sealgate/issuer';
import { createMetrics, parseConfig, silentLogger } from '@sealgate/service';

export const AUDIENCE = 'https://api.acme.test';
export const CREDENTIAL = { id: 'orders-api', secret: 'a secret of the orders api, for tests' };
const USER = { username: 'demo@example.com', password: 'correct horse battery staple', roles: ['editor'] };

export interface Login {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface RealIssuer {
  readonly url: string;
  readonly issuer: Issuer;
  login(): Promise<Login>;
  /** @returns undefined when it was refused. */
  refresh(refreshToken: string): Promise<Login | undefined>;
  /** Resolves when the issuer has answered: from then on no guard may admit the session. */
  logout(refreshToken: string): Promise<void>;
  /** Stops it; what it knows stays. */
  stop(): Promise<void>;
  /** Starts it again at the same address, on the same state. */
  restart(): Promise<RealIssuer>;
  /** Stops it and forgets everything. */
  destroy(): Promise<void>;
}

export async function startRealIssuer(earlier?: {
  readonly folder: string;
  readonly port: number;
}): Promise<RealIssuer> {
  const folder = earlier?.folder ?? mkdtempSync(path.join(tmpdir(), 'sealgate-conformance-'));
  // Known before it starts, so that it can come back as the same issuer.
  const port = earlier?.port ?? (await freePort());
  const config = parseConfig(
    {
      url: `http://127.0.0.1:${port}`,
      database: 'sqlite:sealgate.db',
      accessToken: { audience: AUDIENCE },
      keys: { masterKey: 'file:master.key' },
      // Cheap hashes, and fifty logins of one user at once: these tests are not about passwords.
      passwords: { memoryKib: 8192, iterations: 1 },
      loginLimits: { account: { attempts: 1000 }, address: { attempts: 1000 } },
    },
    issuerConfigSchema,
    { folder },
  );
  const issuer = await createIssuer({ config, logger: silentLogger(), metrics: createMetrics() });
  if (earlier === undefined) await seed(issuer);
  const { url } = await issuer.listen();
  const post = (address: string, body: unknown): Promise<Response> =>
    fetch(url + address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const readLogin = async (response: Response): Promise<Login> => {
    const body: { access_token: string; refresh_token: string } = JSON.parse(await response.text());
    return { accessToken: body.access_token, refreshToken: body.refresh_token };
  };
  return {
    url,
    issuer,
    async login() {
      const { username, password } = USER;
      const response = await post('/v1/login', { username, password, client_id: 'orders-web' });
      if (response.status !== 200) throw new Error(`the login was answered with ${response.status}`);
      return readLogin(response);
    },
    async refresh(refreshToken) {
      const response = await post('/v1/refresh', { refresh_token: refreshToken, client_id: 'orders-web' });
      return response.status === 200 ? readLogin(response) : undefined;
    },
    async logout(refreshToken) {
      const response = await post('/v1/logout', { refresh_token: refreshToken });
      if (response.status !== 204) throw new Error(`the logout was answered with ${response.status}`);
    },
    stop: () => issuer.close(),
    restart: () => startRealIssuer({ folder, port }),
    async destroy() {
      await issuer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function seed(issuer: Issuer): Promise<void> {
  await issuer.admin.createUser(USER);
  const scopes = ['orders:read', 'orders:write'];
  await issuer.admin.createClient({ id: 'orders-web', grants: ['login', 'refresh_token'], scopes });
  await issuer.admin.createClient({ ...CREDENTIAL, grants: ['client_credentials'], scopes, introspection: true });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return address.port;
}
