/**
 * The decision for `node:http` and `node:http2` servers, and the ground of the adapters for frameworks built on them.
 *
 * Reads `rawHeaders`, because `headers` keeps the first of two `Authorization` fields and drops the other (ATTACKS.md G7).
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { denialHeaders, problemOf } from '../decision/problem.ts';
import type { RoutePolicy } from '../decision/policy.ts';
import type { Allowed, Denied, RequestFacts, Verdict } from '../decision/verdict.ts';
import type { Guard } from '../guard.ts';
import { requestIdOf } from './request-id.ts';

/** Admits, or answers the request itself and gives undefined. */
export type NodeProtector = (
  request: IncomingMessage,
  response: ServerResponse,
) => Allowed | undefined | Promise<Allowed | undefined>;

/**
 * @example
 * const orders = protect(guard, { scopes: ['orders:read'] });
 * createServer(async (request, response) => {
 *   const allowed = await orders(request, response);
 *   if (allowed === undefined) return;
 *   response.end(`hello ${allowed.principal?.subject}`);
 * });
 *
 * @throws {GuardError} `policy_invalid`, at once.
 */
export function protect(guard: Guard, policy: RoutePolicy = {}): NodeProtector {
  const compiled = guard.compile(policy);
  return (request, response) => {
    const conclude = (verdict: Verdict): Allowed | undefined => {
      if (verdict.allow) return verdict;
      answerDenied(request, response, verdict);
      return undefined;
    };
    const verdict = guard.check(readFacts(request, guard.now()), compiled);
    return verdict instanceof Promise ? verdict.then(conclude) : conclude(verdict);
  };
}

/**
 * What the decision needs of a request. The path is as the client wrote it; behind a proxy that changes path, host or scheme, DPoP
 * proofs cannot hold (RFC 9449 section 4.3), so let that proxy be the one that checks them.
 */
export function readFacts(request: IncomingMessage, nowSeconds: number): RequestFacts {
  const { rawHeaders } = request;
  const url = urlOf(request);
  const authorization: string[] = [];
  const cookie: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    // The length first: most fields are neither.
    if (name.length === 13 && name.toLowerCase() === 'authorization') authorization.push(value);
    else if (name.length === 6 && name.toLowerCase() === 'cookie') cookie.push(value);
  }
  const query = url.indexOf('?');
  const { socket } = request;
  const host = request.headers[':authority'] ?? request.headers.host;
  return {
    method: request.method ?? 'GET',
    path: query === -1 ? url : url.slice(0, query),
    query: query === -1 ? '' : url.slice(query + 1),
    authorization,
    cookie,
    nowSeconds,
    source: socket.remoteAddress ?? '',
    rawHeaders,
    scheme: socket instanceof TLSSocket ? 'https' : 'http',
    ...(typeof host === 'string' ? { host } : {}),
    ...(socket instanceof TLSSocket ? { certificateThumbprint: () => certificateThumbprint(socket) } : {}),
  };
}

/** As it stood on the request line: a router that is mounted below a path takes that path out of `url`, and keeps it here. */
function urlOf(request: IncomingMessage & { readonly originalUrl?: unknown }): string {
  const { originalUrl, url = '/' } = request;
  return typeof originalUrl === 'string' ? originalUrl : url;
}

/** SHA-256 of the DER of the certificate that the client proved to hold, base64url (RFC 8705 section 3.1). */
function certificateThumbprint(socket: TLSSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : createHash('sha256').update(certificate.raw).digest('base64url');
}

/** Writes the refusal: status, challenge, problem body. */
export function answerDenied(request: IncomingMessage, response: ServerResponse, denied: Denied): void {
  const header = request.headers['x-request-id'];
  const requestId = requestIdOf(typeof header === 'string' ? header : undefined);
  response.writeHead(denied.status, denialHeaders(denied)).end(JSON.stringify(problemOf(denied, requestId)));
}
