/**
 * Express middleware (Express 4 and 5, and whatever else calls `(request, response, next)` with Node's objects).
 *
 * Answers refusals itself: RFC 6750 challenge, RFC 9457 body. What the next handler may rely on is `request.auth`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoutePolicy } from '../decision/policy.ts';
import type { Principal } from '../decision/principal.ts';
import type { Allowed } from '../decision/verdict.ts';
import type { Guard } from '../guard.ts';
import { protect as protectNode } from './node-http.ts';

declare global {
  // How Express lets others add to its request; an interface can only be merged inside its namespace.
  // oxlint-disable-next-line typescript/no-namespace
  namespace Express {
    interface Request {
      /** Who calls, set by `protect`; undefined where the policy admits requests without a token and none was sent. */
      auth?: Principal | undefined;
    }
  }
}

/** An Express `RequestHandler`, without importing Express. */
export type GuardMiddleware = (
  request: IncomingMessage & { auth?: Principal | undefined },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * @example
 * app.get('/orders', protect(guard, { scopes: ['orders:read'] }), (req, res) => res.json(ordersOf(req.auth)));
 *
 * @throws {GuardError} `policy_invalid`, at once.
 */
export function protect(guard: Guard, policy: RoutePolicy = {}): GuardMiddleware {
  const authorize = protectNode(guard, policy);
  return (request, response, next) => {
    const proceed = (allowed: Allowed | undefined): void => {
      if (allowed === undefined) return;
      // Also when it is undefined: nothing set before this may pass for a principal.
      request.auth = allowed.principal;
      next();
    };
    try {
      const allowed = authorize(request, response);
      if (allowed instanceof Promise) allowed.then(proceed, next);
      else proceed(allowed);
    } catch (error) {
      next(error);
    }
  };
}
