/**
 * Where upstreams find the keys of internal tokens: a port of its own with two documents, and nothing else (RFC 8414 section 3, RFC 7517 section 5).
 *
 * Not the public port, whose paths belong to the routes; not the admin port, which upstreams have no business with.
 */
import { problem, PROBLEM_MEDIA_TYPE, type ListenAddress } from '@sealgate/service';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContext } from 'node:tls';
import { GatewayError } from '../errors.ts';
import type { ServerCertificates } from '../tls/server-certificates.ts';
import type { InternalTokens } from './internal-tokens.ts';

export interface KeyServer {
  listen(): Promise<AddressInfo>;
  close(): Promise<void>;
}

/** The set changes once an epoch, and says so an epoch ahead. */
const CACHE_SECONDS = 300;
const METADATA = new Set(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']);

const WITHIN = { headersTimeout: 10_000, requestTimeout: 10_000, handshakeTimeout: 10_000 };

/**
 * @param tokens - Of the configuration in force.
 * @param certificates - With them it speaks TLS.
 */
export function createKeyServer(
  listen: ListenAddress,
  tokens: () => InternalTokens | undefined,
  certificates: ServerCertificates | undefined,
): KeyServer {
  const answer = (req: IncomingMessage, res: ServerResponse): void => respond(req, res, tokens());
  const server = certificates === undefined ? createServer(WITHIN, answer) : createSecured(certificates, answer);
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => {
          const taken = error.code === 'EADDRINUSE';
          reject(taken ? new GatewayError('address_in_use', `${listen.url} is taken`, { cause: error }) : error);
        });
        server.listen({ host: listen.host, port: listen.port }, () => {
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

function createSecured(certificates: ServerCertificates, answer: RequestListener): Server {
  const names = {
    ...certificates.context,
    SNICallback: (name: string, callback: (error: null, context: SecureContext | undefined) => void) =>
      callback(null, certificates.contextFor(name)),
  };
  const server = createSecureServer({ ...WITHIN, ...names }, answer);
  certificates.attach(server);
  return server;
}

function respond(req: IncomingMessage, res: ServerResponse, tokens: InternalTokens | undefined): void {
  req.resume();
  const document = req.method === 'GET' || req.method === 'HEAD' ? documentAt(req.url, tokens) : undefined;
  const [status, type, caching] =
    document === undefined
      ? [404, PROBLEM_MEDIA_TYPE, 'no-store']
      : [200, 'application/json', `public, max-age=${CACHE_SECONDS}`];
  const body =
    document ?? problem({ status: 404, code: 'not_found', detail: 'There are only keys and metadata here.' });
  res.writeHead(status, { 'content-type': type, 'cache-control': caching, 'x-content-type-options': 'nosniff' });
  res.end(JSON.stringify(body));
}

function documentAt(url: string | undefined, tokens: InternalTokens | undefined): unknown {
  if (tokens === undefined || url === undefined) return undefined;
  if (url === '/.well-known/jwks.json') return tokens.jwks;
  return METADATA.has(url) ? tokens.metadata : undefined;
}
