/** A real issuer for the attack list, with a clock that tests move. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIssuer, issuerConfigSchema, type Issuer, type IssuerConfigInput } from '@sealgate/issuer';
import { createLogger, createMetrics, parseConfig, type Metrics } from '@sealgate/service';

export const PASSWORD = 'a long enough password';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export interface IssuerWorld {
  readonly url: string;
  readonly issuer: Issuer;
  readonly metrics: Metrics;
  readonly log: readonly string[];
  /** Where its state is. */
  readonly folder: string;
  /** Moves the issuer's clock. */
  pass(ms: number): void;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

/** With the user `ann`, the users of `more`, and the public client `app`. */
export async function startWorld(
  config: Partial<IssuerConfigInput>,
  more: readonly string[] = [],
): Promise<IssuerWorld> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-attacks-'));
  let ahead = 0;
  const log: string[] = [];
  const metrics = createMetrics();
  const issuer = await createIssuer({
    config: parseConfig(
      {
        url: 'http://127.0.0.1:0',
        database: 'sqlite:sealgate.db',
        accessToken: { audience: 'https://api.acme.test' },
        keys: { masterKey: 'file:master.key' },
        passwords: { memoryKib: 8192, iterations: 1 },
        ...config,
      },
      issuerConfigSchema,
      { folder },
    ),
    logger: createLogger({ level: 'debug', stream: { write: (line: string) => void log.push(line) } }),
    metrics,
    nowMs: () => Date.now() + ahead,
  });
  for (const username of ['ann', ...more]) await issuer.admin.createUser({ username, password: PASSWORD });
  await issuer.admin.createClient({ id: 'app', grants: ['login', 'refresh_token'] });
  const { url } = await issuer.listen();
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = /json/u.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  };
  return {
    url,
    issuer,
    metrics,
    log,
    folder,
    pass: (ms) => (ahead += ms),
    post: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    get: (path, headers = {}) => send(path, { headers }),
    close: async () => {
      await issuer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
