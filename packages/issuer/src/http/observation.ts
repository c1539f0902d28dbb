/** Metrics of requests, and what an operator reads of grants, refusals and revocations. Labels come from fixed sets. */
import type { FastifyInstance, onResponseHookHandler } from 'fastify';
import type { Logger, Metrics } from '@sealgate/service';
import type { IssuerParts, SecurityEvents } from './context.ts';

/** Counts each answer by route and status, and how long it took. Call before the routes are added. */
export function observeRequests(app: FastifyInstance, { metrics, logger }: IssuerParts): void {
  const debugs = logger.isLevelEnabled('debug');
  const seconds = metrics.histogram({
    name: 'sealgate_issuer_request_seconds',
    help: 'Time from the request to its answer, by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
  });
  app.addHook('onRoute', (options) => {
    const route = options.url;
    const observers = new Map<number, { observe(seconds: number): void }>();
    const observe: onResponseHookHandler = (request, reply, done) => {
      const status = reply.statusCode;
      let observer = observers.get(status);
      if (observer === undefined) {
        observer = seconds.labels({ route, status: String(status) });
        observers.set(status, observer);
      }
      const ms = reply.elapsedTime;
      observer.observe(ms / 1000);
      if (debugs) logger.debug({ request_id: request.id, method: request.method, route, status, ms }, 'answered');
      done();
    };
    options.onResponse = [observe];
  });
}

/** Counts and logs what concerns security. */
export function createSecurityEvents(logger: Logger, metrics: Metrics): SecurityEvents {
  const grants = metrics.counter({
    name: 'sealgate_issuer_grants_total',
    help: 'Tokens granted, by grant',
    labelNames: ['grant'],
  });
  const refusals = metrics.counter({
    name: 'sealgate_issuer_refusals_total',
    help: 'Requests refused, by route and code',
    labelNames: ['route', 'code'],
  });
  const revocations = metrics.counter({
    name: 'sealgate_issuer_revocations_total',
    help: 'Revocations through the endpoints, by kind',
    labelNames: ['kind'],
  });
  return {
    granted: (grant, client, requestId) => {
      grants.inc({ grant });
      if (logger.isLevelEnabled('debug'))
        logger.debug({ grant, client_id: client.id, request_id: requestId }, 'granted');
    },
    refused: (route, code, reason, requestId) => {
      refusals.inc({ route, code });
      // Not `code`: that is what an authorization code is called, and is never logged.
      logger.info({ route, refusal_code: code, reason, request_id: requestId }, 'refused');
    },
    revoked: (kind, requestId) => {
      revocations.inc({ kind });
      logger.info({ kind, request_id: requestId }, 'revoked');
    },
  };
}
