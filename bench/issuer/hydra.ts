/**
 * Ory Hydra on PostgreSQL, built from its Go module, with the clients of `requests.ts`. It has no accounts: whom it asks for login and
 * consent is played here, through its admin port. It closes a connection that was idle for 5 s, so that each request brings its own.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { cacheFolder, install } from '../../scripts/installs.ts';
import { MEASURED_CORE, freePort, start } from '../load/process.ts';
import { PEER_ROUNDS, type Peer, type PeerSettings, type StartedPeer } from './peers.ts';
import { AUDIENCE, CLIENT, SCOPES, TTL_SECONDS, WEB } from './requests.ts';
import { signInByForm, signInMany } from './servers.ts';

/** As in `peers/hydra/go.mod`. */
const NAME = 'Ory Hydra 2.3.0, PostgreSQL';
/** Its public address, behind a proxy that ends TLS: only `--dev` would allow another. */
const ISSUER = 'https://issuer.bench.test';
const REDIRECT = 'https://client.bench.test/callback';
const SCOPE = 'offline orders:read';
/** It was compiled before. */
const WARM_UP_SECONDS = 4;
/** A client's secret costs it so much that the work under way at the end of a round would count. */
const TOKEN_CONNECTIONS = 8;
const ACCESS_TOKEN_KEYS = 'hydra.jwt.access-token';

export const hydra: Peer = { name: NAME, programs: ['go'], databaseAt: 'socket', start: startHydra };

async function startHydra({ folder, database }: PeerSettings): Promise<StartedPeer> {
  const program = path.join(await installHydra(), 'hydra');
  const ports = { open: await freePort(), admin: await freePort() };
  const file = path.join(folder, 'hydra.json');
  writeFileSync(file, JSON.stringify(settings(database, ports)));
  await promisify(execFile)(program, ['migrate', 'sql', 'up', '--yes', '--read-from-env', '--config', file]);
  const running = await start({
    name: NAME,
    command: program,
    args: ['serve', 'all', '--config', file],
    port: ports.open,
    core: MEASURED_CORE,
  });
  const addresses = { open: `http://127.0.0.1:${ports.open}`, admin: `http://127.0.0.1:${ports.admin}` };
  const refreshTokens = path.join(folder, 'hydra.tokens');
  const server = {
    running,
    paths: { token: '/oauth2/token', introspect: '/admin/oauth2/introspect', keys: '/.well-known/jwks.json' },
    refreshTokens,
    asking: { audience: AUDIENCE },
    rounds: PEER_ROUNDS,
    warmUpSeconds: WARM_UP_SECONDS,
    tokenConnections: TOKEN_CONNECTIONS,
    introspection: { ...running, port: ports.admin },
    notes: {
      issued: `Ory Hydra: stores each token, and compares the client’s secret with a PBKDF2 hash of 25,000 iterations each time, its default; loaded over ${TOKEN_CONNECTIONS} connections, since each of 64 would wait for seconds.`,
      refreshed: 'Ory Hydra: each rotation is rows in PostgreSQL.',
      introspected:
        'Ory Hydra: a JWT, looked up in the database; its admin port, where that is asked, knows no clients.',
    },
  };
  const prepare = async (families: number) => {
    // Unless the key is there first, it makes one for RS256.
    const key = { alg: 'ES256', use: 'sig', kid: 'bench-key-1' };
    await tell(addresses, 'POST', `/admin/keys/${ACCESS_TOKEN_KEYS}`, key);
    for (const client of clients()) await tell(addresses, 'POST', '/admin/clients', client);
    await signInMany(refreshTokens, families, () => signIn(addresses));
  };
  return { server, prepare };
}

async function installHydra(): Promise<string> {
  const to = path.join(cacheFolder('bench'), 'hydra');
  const from = path.join(import.meta.dirname, 'peers', 'hydra');
  await install({
    name: 'Ory Hydra',
    from,
    to,
    steps: [{ command: 'go', args: ['build', '-mod=readonly', '-o', 'hydra', '.'] }],
  });
  return to;
}

function settings(database: string, ports: Record<'open' | 'admin', number>): object {
  return {
    dsn: `${database}&sslmode=disable&max_conns=20&max_idle_conns=20`,
    serve: {
      public: { host: '127.0.0.1', port: ports.open },
      admin: { host: '127.0.0.1', port: ports.admin },
      tls: { enabled: false },
    },
    urls: { self: { issuer: ISSUER }, login: `${ISSUER}/login`, consent: `${ISSUER}/consent` },
    secrets: { system: ['bench-secret-of-at-least-32-characters'] },
    strategies: { access_token: 'jwt' },
    ttl: { access_token: `${TTL_SECONDS}s` },
    webfinger: { jwks: { broadcast_keys: ['hydra.openid.id-token', ACCESS_TOKEN_KEYS] } },
    sqa: { opt_out: true },
  };
}

function clients(): object[] {
  const both = { scope: `offline ${SCOPES.join(' ')}`, audience: [AUDIENCE] };
  return [
    { ...both, client_id: CLIENT.id, client_secret: CLIENT.secret, grant_types: ['client_credentials'] },
    {
      ...both,
      client_id: WEB,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'none',
    },
  ];
}

interface Addresses {
  readonly open: string;
  readonly admin: string;
}

/** Signs in by the authorization code grant, from the browser to the token. @returns the refresh token. */
async function signIn(server: Addresses): Promise<string> {
  const query = new URLSearchParams({
    client_id: WEB,
    response_type: 'code',
    scope: SCOPE,
    redirect_uri: REDIRECT,
    state: 'a-state-of-the-client',
    audience: AUDIENCE,
  });
  const browser = new Browser(server);
  const login = await browser.follow(`${ISSUER}/oauth2/auth?${query.toString()}`);
  const loggedIn = await accept(server, 'login', login, { subject: 'bench-user' });
  const consent = await browser.follow(loggedIn);
  const granted = { grant_scope: SCOPE.split(' '), grant_access_token_audience: [AUDIENCE] };
  const callback = await browser.follow(await accept(server, 'consent', consent, granted));
  const code = callback.searchParams.get('code');
  if (code === null) throw new Error(`${NAME} gave no code: ${callback.href}`);
  const fields = { grant_type: 'authorization_code', client_id: WEB, redirect_uri: REDIRECT, code };
  return signInByForm(`${server.open}/oauth2/token`, fields);
}

/** Says yes to the login or consent that a redirect asks for. @returns where the browser goes next. */
async function accept(server: Addresses, what: 'login' | 'consent', asked: URL, answer: object): Promise<string> {
  const challenge = `${what}_challenge`;
  const query = new URLSearchParams({ [challenge]: asked.searchParams.get(challenge) ?? '' });
  const target = `/admin/oauth2/auth/requests/${what}/accept?${query.toString()}`;
  return String((await tell(server, 'PUT', target, answer))['redirect_to']);
}

/** One request to the admin port. @throws {Error} for any status but success. */
async function tell(
  { admin }: Addresses,
  method: 'POST' | 'PUT',
  target: string,
  body: object,
): Promise<Record<string, unknown>> {
  const answer = await request(`${admin}${target}`, {
    method,
    reset: true,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${NAME} answered ${answer.statusCode} to ${target}: ${text}`);
  const parsed: Record<string, unknown> = JSON.parse(text);
  return parsed;
}

/** Keeps cookies, and comes through the proxy that ends TLS. */
class Browser {
  readonly #server: Addresses;
  readonly #cookies = new Map<string, string>();

  constructor(server: Addresses) {
    this.#server = server;
  }

  /** Opens a page of the server. @returns where that redirects to. */
  async follow(address: string): Promise<URL> {
    const { pathname, search } = new URL(address);
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await request(`${this.#server.open}${pathname}${search}`, {
      reset: true,
      headers: { cookie, 'x-forwarded-proto': 'https' },
    });
    const text = await answer.body.text();
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const { location } = answer.headers;
    if (typeof location !== 'string') throw new Error(`${NAME} answered ${answer.statusCode} to ${pathname}: ${text}`);
    return new URL(location);
  }
}
