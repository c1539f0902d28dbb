/** The demonstration with several workers, routes to an origin in the test's hands, and tokens of an issuer in the test's hands. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http, { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJwk, generateKey, publicKey, signJwt, thumbprint } from '@sealgate/jwt';
import { createHash, randomUUID } from 'node:crypto';
import { startDemo, type Demo } from '../harness/demo.ts';
import { request } from '../harness/client.ts';
import { startHeldOrigin, type HeldOrigin } from './held-origin.ts';

const AUDIENCE = 'https://api.acme.test';

export interface Fleet extends Demo {
  readonly origin: HeldOrigin;
  /** Edits the configuration file; the servers notice by themselves. */
  edit(change: (yaml: string) => string): void;
  /** Edits it, and resolves when they have reloaded it by themselves, and will not once more, with the same workers. */
  editNoticed(change: (yaml: string) => string): Promise<void>;
  workers(): readonly number[];
  /** The next worker that there was not when this was called. */
  untilForked(): Promise<number>;
  /** A token bound to a key, and the headers of a request with it. */
  boundRequest(url: string): Record<string, string>;
  /** The value of a metric, all labels added up. */
  metric(name: string, labels?: string): Promise<number>;
  /** Resolves when the metric has the value. */
  untilMetric(name: string, labels: string, value: number): Promise<void>;
}

export async function startFleet(workers: number): Promise<Fleet> {
  const origin = await startHeldOrigin();
  const issuer = await startKeyServer();
  const demo = await startDemo((yaml) =>
    yaml
      .replace(/^gateway:.*$/mu, `gateway:\n  workers: ${workers}\n  drainTimeout: 5s`)
      .replace(
        /^ {4}main:.*$/mu,
        `    other: { url: ${issuer.url}, audience: [${AUDIENCE}], algorithms: [ES256], revocation: { feed: none } }\n    main:`,
      )
      .replace(/^ {2}upstreams:.*$/mu, `  upstreams:\n    held: { urls: ['${origin.url}'], timeout: 20s }`)
      .replace(
        /^ {2}routes:.*$/mu,
        `  routes:
    - { path: /open/**, to: held, auth: none }
    - { path: /bound/**, to: held }
    - { path: /window/**, to: held, auth: none, rateLimit: { by: ip, limit: 40, per: 1h, algorithm: sliding-window } }
    - { path: /alone/**, to: held, auth: none, rateLimit: { by: ip, limit: 40, per: 1h } }
    - { path: /few/**, to: held, auth: none, rateLimit: { by: ip, limit: 5, per: 1h } }
    - { path: /quota/**, to: held, quota: { by: sub, limit: 7 } }
    - { path: /places/**, to: held, auth: none, concurrency: { by: ip, limit: 3 } }`,
      ),
  );
  const metric: Fleet['metric'] = async (name, labels = '') => {
    const { text } = await request(`${demo.admin}/metrics`);
    const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(labels));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  const edit: Fleet['edit'] = (change) => writeFileSync(demo.file, change(readFileSync(demo.file, 'utf8')));
  const reloads = () => demo.server.stderr().match(/"restarted":0.*configuration reloaded/gu)?.length ?? 0;
  return {
    ...demo,
    origin,
    metric,
    edit,
    async editNoticed(change) {
      const before = reloads();
      edit(change);
      while (reloads() === before) await new Promise((resolve) => setTimeout(resolve, 30));
    },
    workers: () => workersOf(demo.server.pid),
    async untilForked() {
      const before = workersOf(demo.server.pid);
      for (;;) {
        const forked = workersOf(demo.server.pid).find((pid) => !before.includes(pid));
        if (forked !== undefined) return forked;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    boundRequest: (url) => issuer.boundRequest(url),
    async untilMetric(name, labels, value) {
      while ((await metric(name, labels)) !== value) await new Promise((resolve) => setTimeout(resolve, 30));
    },
    async close() {
      const ended = await demo.close();
      await origin.close();
      issuer.close();
      return ended;
    },
  };
}

/** Worker processes; the example API is a child as well. */
export function workersOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
    .filter((child) => isWorker(child));
}

function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('worker');
  } catch {
    return false;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** One request on a connection of its own, so that any worker may take it. */
export function ask(url: string, headers: Record<string, string> = {}, agent: http.Agent | false = false) {
  return new Promise<Answer>((resolve, reject) => {
    const asked = http.get(url, { headers, agent }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      res.once('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }));
      res.once('error', reject);
      res.once('aborted', () => reject(new Error('the answer was cut')));
    });
    asked.once('error', reject);
  });
}

/** So many at once, each on its own connection: the statuses, sorted. */
export async function statusesOf(count: number, url: string, headers?: Record<string, string>): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => ask(url, headers)));
  return answers.map(({ status }) => status).sort((left, right) => left - right);
}

async function startKeyServer() {
  const key = generateKey('ES256');
  const server = createServer((req, res) => {
    const metadata = { issuer: url, jwks_uri: `${url}/jwks` };
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(req.url === '/jwks' ? { keys: [exportJwk(publicKey(key))] } : metadata));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const holder = generateKey('ES256');
  return {
    url,
    close() {
      server.closeAllConnections();
      server.close();
    },
    boundRequest(asked: string): Record<string, string> {
      const iat = Math.floor(Date.now() / 1000);
      const claims = { iss: url, aud: AUDIENCE, sub: 'a-subject', client_id: 'a-client', iat, exp: iat + 300 };
      const bound = { ...claims, jti: randomUUID(), cnf: { jkt: thumbprint(holder) } };
      const token = signJwt(bound, { key, typ: 'at+jwt' });
      const ath = createHash('sha256').update(token).digest('base64url');
      const proof = signJwt(
        { jti: randomUUID(), htm: 'GET', htu: asked, iat, ath },
        { key: holder, typ: 'dpop+jwt', header: { jwk: exportJwk(publicKey(holder)) } },
      );
      return { authorization: `DPoP ${token}`, dpop: proof };
    },
  };
}
