/**
 * The decision for handlers of Web `Request` and `Response` (Hono, Next.js route handlers, `node:http` behind an adapter).
 *
 * `Headers` joins repeated fields with a comma, which no bearer token contains: two `Authorization` fields are refused here too
 * (Fetch standard, section 2.2.2; ATTACKS.md G7).
 */
import type { RoutePolicy } from '../decision/policy.ts';
import type { Principal } from '../decision/principal.ts';
import { denialHeaders, problemOf } from '../decision/problem.ts';
import type { RequestFacts } from '../decision/verdict.ts';
import type { Guard } from '../guard.ts';
import { requestIdOf } from './request-id.ts';

/**
 * @param handler - Called with the principal; undefined where the policy admits requests without a token and none was sent.
 *
 * @example
 * export const GET = protect(guard, { scopes: ['orders:read'] }, (request, principal) => Response.json(ordersOf(principal)));
 *
 * @throws {GuardError} `policy_invalid`, at once.
 */
export function protect(
  guard: Guard,
  policy: RoutePolicy,
  handler: (request: Request, principal: Principal | undefined) => Response | Promise<Response>,
): (request: Request) => Promise<Response> {
  const compiled = guard.compile(policy);
  return async (request) => {
    const verdict = await guard.check(readFacts(request, guard.now()), compiled);
    if (verdict.allow) return handler(request, verdict.principal);
    const problem = problemOf(verdict, requestIdOf(request.headers.get('x-request-id')));
    return new Response(JSON.stringify(problem), { status: verdict.status, headers: denialHeaders(verdict) });
  };
}

function readFacts({ method, url, headers }: Request, nowSeconds: number): RequestFacts {
  const authorization = headers.get('authorization');
  const cookie = headers.get('cookie');
  const { pathname, search, protocol, host } = new URL(url);
  return {
    method,
    path: pathname,
    query: search.slice(1),
    scheme: protocol === 'https:' ? 'https' : 'http',
    host,
    rawHeaders: [...headers].flat(),
    authorization: authorization === null ? [] : [authorization],
    cookie: cookie === null ? [] : [cookie],
    nowSeconds,
  };
}
