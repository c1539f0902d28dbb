/**
 * The admin port: health, metrics, routes, decisions, explanations, reload. Its own port, loopback by default; who may ask what beyond
 * health stands in `admin-access.ts`.
 */
import {
  problem,
  PROBLEM_MEDIA_TYPE,
  type Health,
  type Metrics,
  type Secret,
  type StaticSite,
} from '@sealgate/service';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { isAdmitted, mayLoadPage } from './admin-access.ts';
import { readJsonBody } from './admin-body.ts';

export interface AdminServerOptions {
  readonly listen: GatewayConfig['admin'];
  readonly token: Secret | undefined;
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'render'>;
  /** Body of `GET /routes`. */
  readonly routes: () => unknown;
  /** Body of `GET /decisions/:request-id`; undefined when there is none. */
  readonly decision: (requestId: string) => Promise<unknown>;
  /** Body of `POST /explain`, from the body that was sent. */
  readonly explain: (asked: unknown) => Promise<unknown>;
  /** The token debugger, where there is one to show: it asks `GET /routes` and `POST /explain`. */
  readonly debuggerPage: StaticSite | undefined;
  /** Body of `POST /reload`; undefined when this gateway has no file to read again. */
  readonly reload: (() => Promise<unknown>) | undefined;
}

export interface AdminServer {
  listen(): Promise<AddressInfo>;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/u;

export function createAdminServer(options: AdminServerOptions): AdminServer {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (req, res) => {
    void respond(req, res, options);
  });
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        const { host, port, url } = options.listen;
        server.once('error', (error: NodeJS.ErrnoException) => {
          reject(
            error.code === 'EADDRINUSE'
              ? new GatewayError('address_in_use', `${url} is taken`, { cause: error })
              : error,
          );
        });
        server.listen({ host, port }, () => {
          const address = server.address();
          if (typeof address === 'object' && address !== null) resolve(address);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Of errors that are not the asker's. */
const STATUSES: Readonly<Record<string, number>> = { internal_error: 500, worker_gone: 503, worker_hung: 503 };

async function respond(req: IncomingMessage, res: ServerResponse, options: AdminServerOptions): Promise<void> {
  const reply = await answer(req, options).catch((error: unknown): Reply => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal_error';
    const detail = error instanceof Error ? error.message : 'the admin port failed';
    return failure(STATUSES[code] ?? 422, code, detail);
  });
  req.resume();
  res.writeHead(reply.status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(reply.status === 401 ? { 'www-authenticate': 'Bearer realm="sealgate-admin"' } : {}),
    ...reply.headers,
  });
  res.end(reply.body);
}

async function answer(req: IncomingMessage, options: AdminServerOptions): Promise<Reply> {
  const { pathname } = new URL(req.url ?? '/', 'http://admin.invalid');
  const call = `${req.method} ${pathname}`;
  if (call === 'GET /healthz') return json(options.health.live().status, options.health.live().body);
  if (call === 'GET /readyz') {
    const { status, body } = await options.health.ready();
    return json(status, body);
  }
  if (call === 'GET /debugger') return { status: 308, headers: { location: '/debugger/' }, body: '' };
  const [, pageFile] = /^GET \/debugger\/(.*)$/u.exec(call) ?? [];
  if (pageFile !== undefined && mayLoadPage(req, options.token)) {
    return options.debuggerPage?.answer(pageFile, req.headers['if-none-match']) ?? NOTHING_HERE;
  }
  if (!isAdmitted(req, options.token)) return failure(401, 'admin_token_missing', 'This needs the admin token.');
  if (call === 'GET /metrics') {
    const { contentType, body } = await options.metrics.render();
    return { status: 200, headers: { 'content-type': contentType }, body };
  }
  if (call === 'GET /routes') return json(200, await options.routes());
  if (call === 'POST /explain') {
    const body = await readJsonBody(req);
    if (!body.ok) return failure(body.status, body.code, body.detail);
    return json(200, await options.explain(body.value));
  }
  if (call === 'POST /reload' && options.reload !== undefined) return json(200, await options.reload());
  const [, requestId] = /^GET \/decisions\/([^/]+)$/u.exec(call) ?? [];
  if (requestId !== undefined && REQUEST_ID.test(requestId)) {
    const decision = await options.decision(requestId);
    if (decision !== undefined) return json(200, decision);
    return failure(404, 'decision_unknown', 'No request of this id is remembered; the newest thousand are.');
  }
  return NOTHING_HERE;
}

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(body, undefined, 2)}\n`,
});

const failure = (status: number, code: string, detail: string): Reply => ({
  status,
  headers: { 'content-type': PROBLEM_MEDIA_TYPE },
  body: JSON.stringify(problem({ status, code, detail })),
});

const NOTHING_HERE = failure(
  404,
  'not_found',
  'The admin port has /healthz, /readyz, /metrics, /routes, /decisions/:request-id, /explain, /reload and /debugger/.',
);
