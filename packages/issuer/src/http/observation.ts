/** Metrics of requests, and what an operator reads of grants, refusals and revocations. Labels come from fixed sets. */
import type { FastifyInstance } from 'fastify';
import type { Logger, Metrics } from '@sealgate/service';
import type { IssuerParts, SecurityEvents } from './context.ts';

/** Counts each answer by route and status, and how long it took. */
export function observeRequests(app: FastifyInstance, { metrics, logger }: IssuerParts): void {
  const seconds = metrics.histogram({
    name: 'sealgate_issuer_request_seconds',
    help: 'Time from the request to its answer, by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
  });
  const observers = new Map<string, { observe(seconds: number): void }>();
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const status = String(reply.statusCode);
    const name = `${status} ${route}`;
    let observer = observers.get(name);
    if (observer === undefined) {
      observer = seconds.labels({ route, status });
      observers.set(name, observer);
    }
    observer.observe(reply.elapsedTime / 1000);
    if (logger.isLevelEnabled('debug')) {
      const { method } = request;
      logger.debug(
        { request_id: request.id, method, route, status: reply.statusCode, ms: reply.elapsedTime },
        'answered',
      );
    }
    done();
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
      logger.info({ route, code, reason, request_id: requestId }, 'refused');
    },
    revoked: (kind, requestId) => {
      revocations.inc({ kind });
      logger.info({ kind, request_id: requestId }, 'revoked');
    },
  };
}
