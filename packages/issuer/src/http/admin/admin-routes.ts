/**
 * The administration over HTTP (DESIGN.md section 6): each endpoint of `endpoints.ts` as a route. Who calls is decided before the body is
 * read; what is done is done by `createAdmin` in the caller's name.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createAdmin } from '../../admin/admin.ts';
import type { AdminCaller } from '../../admin/context.ts';
import { adminAudience } from '../../clients/built-in-operator.ts';
import { IssuerError, type IssuerErrorCode } from '../../errors.ts';
import type { IssuerParts } from '../context.ts';
import { takeJson } from '../json-body.ts';
import { AdminRefusal, authorizeAdmin } from './authorize.ts';
import type { Endpoint } from './endpoint.ts';
import { ADMIN_ENDPOINTS } from './endpoints.ts';
import { answeringIssuerFaults } from './issuer-faults.ts';
import { describeAdminApi } from './openapi.ts';
import { RefusalAudit } from './refusals.ts';

const PREFIX = '/admin/v1';

export function adminRoutes(app: FastifyInstance, parts: IssuerParts): void {
  takeJson(app, ['application/json', 'application/merge-patch+json']);
  const refusals = new RefusalAudit(parts);
  for (const endpoint of ADMIN_ENDPOINTS) adminRoute(app, parts, refusals, endpoint);

  app.get(`${PREFIX}/openapi.json`, (_request, reply) =>
    reply
      .header('cache-control', 'no-cache')
      .type('application/json')
      .send(JSON.stringify(describeAdminApi(adminAudience(parts.issuerUrl())))),
  );
}

function adminRoute(app: FastifyInstance, parts: IssuerParts, refusals: RefusalAudit, endpoint: Endpoint): void {
  const callers = new WeakMap<FastifyRequest, AdminCaller>();

  /** Tells the audit of a refusal before it is answered. */
  const guarded = async <T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof AdminRefusal) await refusals.tell(error, request);
      throw error;
    }
  };

  app.route<{ Params: Record<string, string> }>({
    method: endpoint.method,
    url: PREFIX + endpoint.path,
    onRequest: (request) =>
      guarded(request, async () => {
        callers.set(request, await authorizeAdmin(parts, request));
      }),
    handler: async (request, reply) => {
      const caller = callers.get(request);
      if (caller === undefined) throw new TypeError('the caller was not authorized');
      const { params, query, body } = request;
      const signal = whileWaitedFor(reply);
      const asked = { params, query, body, ifMatch: parseIfMatch(request.headers['if-match']), signal };
      const done = await guarded(request, () =>
        answeringIssuerFaults(() =>
          endpoint
            .run(createAdmin(parts.administration, caller), asked)
            .catch((error: unknown) => refuseForeign(caller, error)),
        ),
      ).catch((error: unknown) => {
        if (!signal.aborted || error !== signal.reason) throw error;
      });
      // Given up, with nobody left to tell.
      if (done === undefined) return reply.hijack();
      const { body: answer, version } = done;
      reply.code(endpoint.status).header('cache-control', 'no-store');
      if (version !== undefined) reply.header('etag', `"${version}"`);
      return answer === undefined ? reply.send() : reply.type('application/json').send(JSON.stringify(answer));
    },
  });
}

/** Aborted when the connection closes before the answer is written. */
function whileWaitedFor(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

const FOREIGN: ReadonlySet<IssuerErrorCode> = new Set(['beyond_tenant', 'user_unknown', 'session_unknown']);

/** What is another tenant's, or everybody's, or not there, is one answer to the administrator of a tenant. */
function refuseForeign({ tenant, actor }: AdminCaller, error: unknown): never {
  if (tenant !== undefined && error instanceof IssuerError && FOREIGN.has(error.code)) {
    throw new AdminRefusal('insufficient_scope', 'beyond_tenant', actor);
  }
  throw error;
}

/** RFC 9110 section 13.1.1. A form that we never gave out matches nothing. */
function parseIfMatch(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return /^\s*"([\w-]{22})"\s*$/u.exec(header)?.[1] ?? '';
}
