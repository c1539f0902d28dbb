/**
 * An orders API in Express and jsonwebtoken that can be made to leak, one mistake at a time. DELIBERATELY BAD: it exists to be attacked. For an
 * example to follow see `examples/orders-api`.
 *
 * Without faults it withstands what `sealgate attack` tries; what that takes beside jsonwebtoken stands in `verify/`.
 */
import express from 'express';
import type { ErrorRequestHandler, Express, NextFunction, Request, RequestHandler, Response } from 'express';
import { findCredentials } from './credentials.ts';
import type { FaultName } from './faults.ts';
import type { TokenDesk } from './token-desk.ts';
import type { TokenCheck } from './verify/verify-token.ts';

const ORDERS = [
  { id: '1', item: 'coffee', price: 300 },
  { id: '2', item: 'green tea', price: 250 },
  { id: '3', item: 'lemonade', price: 350 },
];

export function createApp(desk: TokenDesk, check: TokenCheck, faults: ReadonlySet<FaultName>): Express {
  const app = express();
  app.disable('x-powered-by');
  const byCase = faults.has('path-by-case');
  app.set('case sensitive routing', !byCase);
  if (faults.has('origin-reflected')) app.use(reflectOrigin);
  if (faults.has('endless-recursion')) app.use(tidyHeader);

  const authenticate: RequestHandler = (request, response, next) => {
    const found = findCredentials(request, faults);
    if (found.kind === 'ambiguous') refuse(response, 400, 'invalid_request');
    else if (found.kind === 'none') refuse(response, 401, 'token_missing');
    else {
      check.verify(found.token).then(
        ({ sub }) => admit(response, sub, next),
        () => refuse(response, 401, 'invalid_token'),
      );
    }
  };
  const protect: RequestHandler = (request, response, next) => {
    const believed = believedUser(request, faults);
    if (believed === undefined) void authenticate(request, response, next);
    else admit(response, believed, next);
  };
  // FAULT path-by-case: the check by the text of the path, the route by Express
  if (byCase) {
    app.use((request, response, next) => {
      if (request.path.startsWith('/orders')) void protect(request, response, next);
      else next();
    });
  }

  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/.well-known/jwks.json', (_request, response) => void response.json(desk.jwks));
  app.post('/login', (_request, response) => {
    const issue = (kind: 'access' | 'id' | 'refresh') => desk.issue(kind, 'alice');
    response.json({ access_token: issue('access'), id_token: issue('id'), refresh_token: issue('refresh') });
  });
  app.post('/logout', authenticate, (request, response, next) => {
    const found = findCredentials(request, faults);
    check.revoke(found.kind === 'token' ? found.token : '').then(() => void response.status(204).end(), next);
  });
  app.get('/greeting', (request, response) => {
    const greet = () => void response.json({ greeting: `Good day, ${String(response.locals.user ?? 'stranger')}` });
    const found = findCredentials(request, faults);
    const greetUser = () => void authenticate(request, response, greet);
    if (found.kind === 'none') greet();
    // FAULT optional-invalid
    else if (found.kind === 'token' && faults.has('optional-invalid')) {
      void check.verify(found.token).then(greetUser, greet);
    } else greetUser();
  });
  app.get('/orders', ...(byCase ? [] : [protect]), (_request, response) => {
    response.json({ user: String(response.locals.user), orders: ORDERS });
  });
  app.use((_request, response) => refuse(response, 404, 'not_found'));
  app.use(onError);
  return app;
}

/** Who calls, when that is taken from what anybody can write. */
function believedUser(request: Request, faults: ReadonlySet<FaultName>): string | undefined {
  // FAULT identity-header
  if (faults.has('identity-header') && request.get('x-user-id') !== undefined) return request.get('x-user-id');
  // FAULT forwarded-trusted
  const [client] = (request.get('x-forwarded-for') ?? '').split(',');
  return faults.has('forwarded-trusted') && /^(?:127|10)\./u.test(client ?? '') ? 'internal' : undefined;
}

/** FAULT origin-reflected */
const reflectOrigin: RequestHandler = (request, response, next) => {
  const origin = request.get('origin');
  if (origin !== undefined) {
    response.set({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'Origin' });
  }
  next();
};

/** FAULT endless-recursion: as deep as the token says. */
const tidyHeader: RequestHandler = (request, _response, next) => {
  const [, header = ''] = /^Bearer ([\w-]+)/u.exec(request.get('authorization') ?? '') ?? [];
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  tidy(value);
  next();
};

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((member) => [member].map(tidy));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.trim(), tidy(member)]));
}

function admit(response: Response, user: string, next: NextFunction): void {
  response.locals.user = user;
  next();
}

/** Problem details (RFC 9457). */
function refuse(response: Response, status: number, code: string): void {
  if (status === 401) response.set('www-authenticate', 'Bearer');
  response.status(status).type('application/problem+json').json({ type: 'about:blank', status, code });
}

const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  refuse(response, status, status < 500 ? 'invalid_request' : 'internal_error');
};
