/**
 * Fastify hook (Fastify 5): `onRequest`, so that a refused request has neither its body read nor its schema applied.
 *
 * Answers refusals itself: RFC 6750 challenge, RFC 9457 body. What a handler may rely on is `request.auth`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RoutePolicy } from '../decision/policy.ts';
import type { Principal } from '../decision/principal.ts';
import { denialHeaders, problemOf } from '../decision/problem.ts';
import type { Guard } from '../guard.ts';
import { readFacts } from './node-http.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, set by `protect`; undefined where the policy admits requests without a token and none was sent. */
    auth?: Principal | undefined;
  }
}

/**
 * @example
 * app.get('/orders', { onRequest: protect(guard, { scopes: ['orders:read'] }) }, (request) => ordersOf(request.auth));
 *
 * @throws {GuardError} `policy_invalid`, at once.
 */
export function protect(
  guard: Guard,
  policy: RoutePolicy = {},
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const compiled = guard.compile(policy);
  return async (request, reply) => {
    const verdict = await guard.check(readFacts(request.raw, guard.now()), compiled);
    if (!verdict.allow) {
      return reply
        .code(verdict.status)
        .headers(denialHeaders(verdict))
        .send(JSON.stringify(problemOf(verdict, request.id)));
    }
    request.auth = verdict.principal;
    return undefined;
  };
}
