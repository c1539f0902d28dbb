/**
 * The issuer that the benchmark's tokens name: discovery, key set, and the revocation feed with a snapshot of revocations that
 * hit none of the tokens, then heartbeats. It runs in the benchmark's own process and does nothing while a load runs but beat.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setInterval } from 'node:timers';
import type { JWK } from 'jose';

const HEARTBEAT_SECONDS = 5;
const REVOCATIONS = 1000;
const LOG = 'bench-log';

export interface IssuerStub {
  readonly url: string;
  /** The keys that the key set and the feed show from now on. */
  setKeys(keys: readonly JWK[]): void;
  close(): void;
}

/** Starts it on a free port. */
export async function startIssuerStub(): Promise<IssuerStub> {
  let keys: readonly JWK[] = [];
  let url = '';
  const server = http.createServer((request, response) => {
    const json = (body: unknown) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    const { pathname } = new URL(request.url ?? '/', 'http://stub');
    if (pathname.startsWith('/.well-known/') && !pathname.endsWith('jwks.json')) json(metadata(url));
    else if (pathname === '/.well-known/jwks.json') json({ keys });
    else if (pathname === '/v1/feed') feed(response, keys);
    else if (pathname === '/v1/feed/ack') response.writeHead(204).end();
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the issuer stub has no port');
  url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    setKeys: (next) => {
      keys = next;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function metadata(url: string): Record<string, unknown> {
  return {
    issuer: url,
    jwks_uri: `${url}/.well-known/jwks.json`,
    token_endpoint: `${url}/oauth/token`,
    introspection_endpoint: `${url}/oauth/introspect`,
    revocation_endpoint: `${url}/oauth/revoke`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    sealgate_feed_endpoint: `${url}/v1/feed`,
    sealgate_feed_ack_endpoint: `${url}/v1/feed/ack`,
  };
}

function feed(response: http.ServerResponse, keys: readonly JWK[]): void {
  const nowSeconds = () => Date.now() / 1000;
  const expires = Math.floor(nowSeconds()) + 7200;
  const send = (event: string, data: unknown, id?: string) =>
    response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
  const records = Array.from({ length: REVOCATIONS }, (_, index) => ({
    seq: index + 1,
    kind: index % 2 === 0 ? 'session' : 'subject',
    id: `revoked-${index}`,
    before: Math.floor(nowSeconds()),
    expires,
  }));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  send('hello', {
    connection: 'bench',
    log: LOG,
    seq: REVOCATIONS,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    now: nowSeconds(),
  });
  send('keys', { keys });
  send('snapshot', { log: LOG, seq: REVOCATIONS, records }, `${LOG}:${REVOCATIONS}`);
  const beat = setInterval(() => send('heartbeat', { seq: REVOCATIONS, now: nowSeconds() }), HEARTBEAT_SECONDS * 1000);
  response.once('close', () => clearInterval(beat));
}
