/** A whole issuer on an ephemeral port, with its state in a temporary folder, and the requests that tests make of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger, createMetrics, parseConfig } from '@sealgate/service';
import {
  createIssuer,
  issuerConfigSchema,
  type Issuer,
  type IssuerConfigInput,
  type KeyStoreDependencies,
} from '../src/index.ts';

export const USER = { username: 'demo@example.com', password: 'correct horse battery staple', roles: ['editor'] };
export const WORKER = { id: 'orders-worker', secret: 'orders-worker-secret-for-the-demo-only' };
export const AUDIENCE = 'https://api.acme.test';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; empty where it is none. */
  readonly body: Record<string, unknown>;
}

export interface TokenSet {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly session: string;
}

export interface IssuerUnderTest {
  readonly url: string;
  readonly issuer: Issuer;
  readonly folder: string;
  /** Lines of the log so far. */
  readonly log: string[];
  post(
    path: string,
    form: Readonly<Record<string, string>> | string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  postJson(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Logs the demo user in at the public client. */
  login(): Promise<TokenSet>;
  refresh(refreshToken: string): Promise<Answer>;
  introspect(token: string): Promise<Record<string, unknown>>;
  /** Closes it and starts another on the same state. */
  restart(): Promise<IssuerUnderTest>;
  close(): Promise<void>;
}

export interface IssuerSettings {
  readonly config?: Partial<IssuerConfigInput>;
  readonly nowMs?: () => number;
  readonly keyStores?: KeyStoreDependencies;
  /** State of an earlier one. */
  readonly folder?: string;
  /** Default: SQLite in the folder. */
  readonly database?: string;
  /** Remove the folder at the end. Default: if it was made here. */
  readonly ownsFolder?: boolean;
  /** Users and clients exist already. */
  readonly seeded?: boolean;
}

export async function startIssuer(settings: IssuerSettings = {}): Promise<IssuerUnderTest> {
  const folder = settings.folder ?? mkdtempSync(path.join(tmpdir(), 'sealgate-issuer-'));
  const ownsFolder = settings.ownsFolder ?? settings.folder === undefined;
  const config = parseConfig(
    {
      url: 'http://127.0.0.1:0',
      database: settings.database ?? 'sqlite:sealgate.db',
      accessToken: { audience: AUDIENCE },
      keys: { masterKey: 'file:master.key' },
      // Cheap hashes: these tests are not about them.
      passwords: { memoryKib: 8192, iterations: 1 },
      ...settings.config,
    },
    issuerConfigSchema,
    { folder },
  );
  const log: string[] = [];
  const issuer = await createIssuer({
    config,
    logger: createLogger({ level: 'debug', stream: { write: (line: string) => void log.push(line) } }),
    metrics: createMetrics(),
    ...(settings.nowMs === undefined ? {} : { nowMs: settings.nowMs }),
    ...(settings.keyStores === undefined ? {} : { keyStores: settings.keyStores }),
  });
  if (settings.seeded !== true) await populate(issuer);
  const listening = await issuer.listen();
  // Where its identifier is not where it listens, as behind a proxy, requests go to the latter.
  const isDirect = new URL(listening.url).port === String(listening.port);
  const url = isDirect ? listening.url : `http://${listening.host}:${listening.port}`;
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = /json/u.test(response.headers.get('content-type') ?? '');
    const body: Record<string, unknown> = isJson ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, text, body };
  };
  const under: IssuerUnderTest = {
    url,
    issuer,
    folder,
    log,
    post: (path, form, headers = {}) =>
      send(path, {
        method: 'POST',
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
    postJson: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    get: (path, headers = {}) => send(path, { headers }),
    login: async () => {
      const { username, password } = USER;
      const answer = await under.postJson('/v1/login', { username, password, client_id: 'orders-web' });
      if (answer.status !== 200) throw new Error(`login answered ${answer.status}: ${answer.text}`);
      return answer.body as unknown as TokenSet;
    },
    refresh: (refreshToken) => under.postJson('/v1/refresh', { refresh_token: refreshToken, client_id: 'orders-web' }),
    introspect: async (token) =>
      (await under.post('/oauth/introspect', { token }, { authorization: basic(WORKER) })).body,
    restart: async () => {
      await issuer.close();
      return startIssuer({ ...settings, folder, ownsFolder, seeded: true });
    },
    close: async () => {
      await issuer.close();
      if (ownsFolder) rmSync(folder, { recursive: true, force: true });
    },
  };
  return under;
}

/** Puts the users and clients of the tests into a database, for issuers in other processes. */
export async function seed(config: IssuerConfigInput, folder: string): Promise<void> {
  const parsed = parseConfig(config, issuerConfigSchema, { folder });
  const logger = createLogger({ level: 'silent' });
  const issuer = await createIssuer({ config: parsed, logger, metrics: createMetrics() });
  await populate(issuer);
  await issuer.close();
}

async function populate(issuer: Issuer): Promise<void> {
  await issuer.admin.createUser(USER);
  const scopes = ['orders:read', 'orders:write'];
  await issuer.admin.createClient({ id: 'orders-web', grants: ['login', 'refresh_token'], scopes });
  await issuer.admin.createClient({ ...WORKER, grants: ['client_credentials'], scopes, introspection: true });
}

/** HTTP Basic with form-urlencoded parts (RFC 6749 section 2.3.1). */
export function basic({ id, secret }: { readonly id: string; readonly secret: string }): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

/** Claims of a token that a test has just been given. */
export function claimsOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());
}
