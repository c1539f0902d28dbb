/** The issuers under comparison, each one process on the measured core, with refresh tokens as if many had signed in. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { request } from 'undici';
import { MEASURED_CORE, type Running, freePort, start } from '../load/process.ts';
import { serveSealgate } from '../load/sealgate-command.ts';
import {
  AUDIENCE,
  CLIENT,
  type Fields,
  type FormPost,
  OPAQUE_AUDIENCE,
  type Paths,
  SCOPES,
  TTL_SECONDS,
  USER,
  WEB,
  introspectionRequest,
} from './requests.ts';

export interface IssuerServer {
  readonly running: Running;
  readonly paths: Paths;
  /** File with a refresh token a line, each of a family of its own. */
  readonly refreshTokens: string;
  /** Fields by which a client asks it for the token that the others give unasked. */
  readonly asking?: Fields;
  /** Fields by which it gives a token that it can introspect, where that is another. */
  readonly introspectable?: Fields;
  /** The same process at the port where introspection is asked, where that is another. */
  readonly introspection?: Running;
  /** Connections that ask for tokens, for whom 64 would wait for seconds. */
  readonly tokenConnections?: number;
  /** A slow one takes part in fewer rounds. */
  readonly rounds?: number;
  /** Who needs another time than others until everything hot is compiled. */
  readonly warmUpSeconds?: number;
  /** A sentence for each table: what the figure contains. */
  readonly notes?: Readonly<Record<'issued' | 'refreshed' | 'introspected', string>>;
}

export const SEALGATE = 'Sealgate, SQLite';
export const SEALGATE_POSTGRES = 'Sealgate, PostgreSQL';
export const OIDC_PROVIDER = 'oidc-provider, in memory';

const PATHS: Paths = { token: '/oauth/token', introspect: '/oauth/introspect', keys: '/.well-known/jwks.json' };

export interface SealgateSettings {
  readonly name: string;
  /** Of its own: configuration, keys, the SQLite file. */
  readonly folder: string;
  /** As in the configuration. */
  readonly database: string;
  /** Sign-ins that are made through its API, each with a family of its own. */
  readonly families: number;
}

/** Sealgate with the client and user of `requests.ts`. */
export async function startSealgate({ name, folder, database, families }: SealgateSettings): Promise<IssuerServer> {
  const user = `{ username: ${USER.username}, password: ${USER.password} }`;
  // Many sign in before anything is measured.
  const running = await serveIssuer({
    name,
    folder,
    database,
    users: [user],
    more: 'passwords: { memoryKib: 8192, iterations: 1 }',
  });
  const refreshTokens = path.join(folder, 'sealgate.tokens');
  await signInMany(refreshTokens, families, () => logIn(running.port, USER));
  return { running, paths: PATHS, refreshTokens };
}

export interface ServedIssuer {
  readonly name: string;
  readonly folder: string;
  readonly database: string;
  /** As in the section `demo.users`. */
  readonly users: readonly string[];
  /** Another line of the section `issuer`. */
  readonly more?: string;
}

/** `sealgate serve issuer` on the measured core. */
export async function serveIssuer({ name, folder, database, users, more = '' }: ServedIssuer): Promise<Running> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = path.join(folder, 'issuer.yaml');
  writeFileSync(
    file,
    `version: 1
issuer:
  url: http://127.0.0.1:${port}
  database: ${database}
  accessToken: { ttl: ${TTL_SECONDS}s, algorithm: ES256, audience: ${AUDIENCE} }
  keys: { masterKey: file:master.key }
  ${more}
demo:
  users:
${users.map((user) => `    - ${user}`).join('\n')}
  clients:
    - { id: ${CLIENT.id}, secret: ${CLIENT.secret}, grants: [client_credentials], scopes: [${SCOPES.join(', ')}], introspection: true }
    - { id: ${WEB}, grants: [login, refresh_token], scopes: [${SCOPES.join(', ')}] }
`,
  );
  return serveSealgate({ name, role: 'issuer', file, port });
}

/** Signs in. @returns the refresh token. */
export function logIn(port: number, user: typeof USER): Promise<string> {
  return refreshTokenFrom(`http://127.0.0.1:${port}/v1/login`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...user, client_id: WEB }),
  });
}

/** The same by a form (RFC 6749 section 4), over a connection of its own: some servers close one that was idle for seconds. */
export function signInByForm(url: string, fields: Readonly<Record<string, string>>): Promise<string> {
  return refreshTokenFrom(url, {
    reset: true,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
}

async function refreshTokenFrom(
  url: string,
  asked: { readonly headers: Record<string, string>; readonly body: string; readonly reset?: boolean },
): Promise<string> {
  const answer = await request(url, { method: 'POST', ...asked });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode} to a sign-in: ${text}`);
  const { refresh_token: token }: { refresh_token: string } = JSON.parse(text);
  return token;
}

/** Signs in again and again, and writes the refresh tokens down, one a line. */
export async function signInMany(file: string, times: number, signIn: () => Promise<string>): Promise<void> {
  const tokens: string[] = [];
  while (tokens.length < times) tokens.push(...(await Promise.all(Array.from({ length: 8 }, signIn))));
  writeFileSync(file, `${tokens.join('\n')}\n`);
}

/** `oidc-provider` with `families` refresh tokens written straight into its memory. */
export async function startOidcProvider(folder: string, families: number): Promise<IssuerServer> {
  const port = await freePort();
  const refreshTokens = path.join(folder, 'oidc-provider.tokens');
  const program = path.join(import.meta.dirname, 'peers', 'oidc-provider.ts');
  const args = [program, String(port), refreshTokens, String(families)];
  const running = await start({ name: OIDC_PROVIDER, command: 'node', args, port, core: MEASURED_CORE });
  return {
    running,
    paths: { token: '/token', introspect: '/token/introspection', keys: '/jwks' },
    refreshTokens,
    introspectable: { resource: OPAQUE_AUDIENCE },
  };
}

/** The first refresh token of the file, taken out of it. */
export function takeRefreshToken({ refreshTokens }: IssuerServer): string {
  const [first = '', ...rest] = readFileSync(refreshTokens, 'utf8').split('\n');
  writeFileSync(refreshTokens, rest.join('\n'));
  return first;
}

/** Sends one form and reads the JSON object that answers it. @throws {Error} for any status but 200. */
export async function ask(server: IssuerServer, post: FormPost): Promise<Record<string, unknown>> {
  return answerOf(server.running, post);
}

/** Introspects one token. @throws {Error} for any status but 200. */
export async function introspect(server: IssuerServer, token: string): Promise<Record<string, unknown>> {
  return answerOf(server.introspection ?? server.running, introspectionRequest(server.paths, token));
}

async function answerOf(running: Running, post: FormPost): Promise<Record<string, unknown>> {
  const { status, text } = await send(running, post);
  if (status !== 200) throw new Error(`${running.name} answered ${status} to ${post.target}: ${text}`);
  const parsed: Record<string, unknown> = JSON.parse(text);
  return parsed;
}

/** Sends one form, whatever the answer. */
export async function send(
  { port }: Running,
  { target, headers, body }: FormPost,
): Promise<{ status: number; text: string }> {
  const answer = await request(`http://127.0.0.1:${port}${target}`, {
    method: 'POST',
    headers,
    body,
    // Some servers close a connection that was idle for seconds, while the next request is on its way.
    reset: true,
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}
