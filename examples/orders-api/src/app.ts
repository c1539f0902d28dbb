/**
 * An orders API in Express, protected by `@sealgate/guard`: what a team would write for a service of its own.
 *
 * It stands behind a gateway that has checked the token already, and checks it again: a request that reaches it around the gateway
 * gets no further. The guard holds the revocations in memory, so that this costs microseconds and asks nobody.
 */
import type { Guard } from '@sealgate/guard';
import { protect } from '@sealgate/guard/express';
import express from 'express';
import type { ErrorRequestHandler, Express, Request, Response } from 'express';
import type { OrderStore } from './order-store.ts';

export function createApp(guard: Guard, orders: OrderStore): Express {
  const app = express();
  app.disable('x-powered-by');
  const mayRead = protect(guard, { scopes: ['orders:read'] });
  const mayWrite = protect(guard, { scopes: ['orders:write'], roles: ['editor'] });
  // After the check: a body is read only from those who may send one.
  const body = express.json({ limit: '16kb' });

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  // Ready once it can judge tokens: before that, every call would be refused.
  app.get('/readyz', (_request, response) => {
    const ready = guard.trust.state().every((issuer) => issuer.ready);
    response.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'unavailable' });
  });

  app.get('/orders', mayRead, (_request, response) => {
    response.json({ orders: orders.list() });
  });

  app.get('/orders/echo', mayRead, (request, response) => {
    response.json({ method: request.method, path: request.path, headers: visibleHeaders(request) });
  });

  app.get('/orders/:id', mayRead, (request, response) => {
    const order = orders.find(idOf(request));
    if (order === undefined) refuse(response, 404, 'order_unknown', 'There is no order of this id.');
    else response.json(order);
  });

  app.post('/orders', mayWrite, body, (request, response) => {
    const item = itemOf(request.body);
    if (item === undefined) refuse(response, 400, 'order_invalid', ORDER_FORM);
    else {
      const order = orders.add(item, request.auth?.subject ?? '');
      response.status(201).location(`/orders/${order.id}`).json(order);
    }
  });

  app.put('/orders/:id', mayWrite, body, (request, response) => {
    const item = itemOf(request.body);
    if (item === undefined) {
      refuse(response, 400, 'order_invalid', ORDER_FORM);
      return;
    }
    const order = orders.change(idOf(request), item);
    if (order === undefined) refuse(response, 404, 'order_unknown', 'There is no order of this id.');
    else response.json(order);
  });

  app.delete('/orders/:id', mayWrite, (request, response) => {
    if (orders.remove(idOf(request))) response.status(204).end();
    else refuse(response, 404, 'order_unknown', 'There is no order of this id.');
  });

  app.use((_request, response) => {
    refuse(response, 404, 'not_found', 'There is nothing here.');
  });
  app.use(onError);
  return app;
}

const ORDER_FORM = 'An order is {"item": "..."}, with 1 to 100 characters.';

function itemOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('item' in body)) return undefined;
  const { item } = body;
  return typeof item === 'string' && item.length > 0 && item.length <= 100 ? item : undefined;
}

function idOf(request: Request): string {
  const { id } = request.params;
  return typeof id === 'string' ? id : '';
}

/** Every header, except the token's own text: what is echoed may be logged. */
function visibleHeaders(request: Request): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      name === 'authorization' ? '(a bearer token)' : value,
    ]),
  );
}

/** Problem details (RFC 9457). */
function refuse(response: Response, status: number, code: string, detail: string): void {
  response.status(status).type('application/problem+json').json({ type: 'about:blank', status, code, detail });
}

const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  if (status >= 400 && status < 500) refuse(response, status, 'request_invalid', 'The request could not be read.');
  else refuse(response, 500, 'internal_error', 'Something went wrong here.');
};
