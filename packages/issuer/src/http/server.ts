/**
 * The issuer's HTTP server: Fastify with our own body parsers, error answers and headers. Which routes there are stands here; what each
 * does, in its own module.
 */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { requestId } from '@sealgate/service';
import { GrantError } from '../grants/grant-error.ts';
import type { IssuerParts } from './context.ts';
import { accountRoutes } from './account-routes.ts';
import { adminRoutes } from './admin/admin-routes.ts';
import { debuggerRoutes } from './debugger-routes.ts';
import { authorizationServerMetadataRoute, discoveryRoutes } from './discovery-routes.ts';
import { feedRoutes } from './feed-routes.ts';
import { parseForm } from './form.ts';
import { introspectionRoute } from './introspection-route.ts';
import { takeJson } from './json-body.ts';
import { oauthErrorHandler } from './oauth-errors.ts';
import { operationRoutes } from './operation-routes.ts';
import { passwordResetRoutes } from './password-reset-routes.ts';
import { problemErrorHandler, sendProblem } from './problems.ts';
import { observeRequests } from './observation.ts';
import { revocationRoute } from './revocation-route.ts';
import { sessionRoutes } from './session-routes.ts';
import { tokenRoute } from './token-route.ts';

const BODY_LIMIT_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 60_000;

/** On every answer but the debugger's. Nothing here is a page: it is not framed, sniffed, cached by default, or allowed to load anything. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000';

export function createHttpServer(parts: IssuerParts): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    requestIdHeader: false,
    // The last address that no trusted proxy added is the client's.
    trustProxy: parts.trustProxies.length === 0 ? false : [...parts.trustProxies],
    genReqId: ({ headers }) => {
      const inbound = headers['x-request-id'];
      return requestId(typeof inbound === 'string' ? inbound : undefined);
    },
    // Feeds never end by themselves: their connections are ended when the issuer closes.
    forceCloseConnections: true,
    return503OnClosing: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => problems(error, request, reply),
  });
  const problems = problemErrorHandler(parts);
  const isHttps = () => parts.issuerUrl().startsWith('https:');
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS);
    reply.header('x-request-id', request.id);
    if (isHttps()) reply.header('strict-transport-security', STRICT_TRANSPORT_SECURITY);
    if (count(request.raw.rawHeaders, 'authorization') > 1) {
      done(new GrantError('invalid_request', 'more than one Authorization field is presented'));
    } else done();
  });
  observeRequests(app, parts);
  app.removeAllContentTypeParsers();
  app.setErrorHandler(problems);
  const prefix = parts.basePath;
  app.register(async (scope) => oauthRoutes(scope, parts), { prefix });
  app.register(async (scope) => firstPartyRoutes(scope, parts), { prefix });
  app.register(async (scope) => adminRoutes(scope, parts), { prefix });
  app.register(async (scope) => debuggerRoutes(scope, parts), { prefix });
  authorizationServerMetadataRoute(app, parts);
  operationRoutes(app, parts);
  app.setNotFoundHandler((request, reply) => answerUnknown(app, request, reply));
  return app;
}

/** How often a field stands in the request: Node keeps the first `Authorization` and drops the others without a word. */
function count(rawHeaders: readonly string[], name: string): number {
  let found = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const field = rawHeaders[index] ?? '';
    if (field.length === name.length && field.toLowerCase() === name) found++;
  }
  return found;
}

function oauthRoutes(app: FastifyInstance, parts: IssuerParts): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseForm(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler(oauthErrorHandler(parts));
  tokenRoute(app, parts);
  introspectionRoute(app, parts);
  revocationRoute(app, parts);
}

function firstPartyRoutes(app: FastifyInstance, parts: IssuerParts): void {
  takeJson(app, ['application/json']);
  sessionRoutes(app, parts);
  accountRoutes(app, parts);
  if (parts.passwordReset !== undefined) passwordResetRoutes(app, parts, parts.passwordReset);
  feedRoutes(app, parts);
  discoveryRoutes(app, parts);
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** 405 with `Allow` where the path has another method (RFC 9110 section 15.5.6), else 404. */
function answerUnknown(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.replace(/\?.*$/su, '');
  const allowed = METHODS.filter((method) => app.findRoute({ method, url: path }) !== null);
  if (allowed.length === 0 || allowed.some((method) => method === request.method)) {
    return sendProblem(request, reply, 'not_found', 'there is nothing here');
  }
  reply.header('allow', allowed.join(', '));
  sendProblem(request, reply, 'method_not_allowed', 'this path takes another method');
}
