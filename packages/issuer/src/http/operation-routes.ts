/** For operators: `/healthz`, `/readyz`, `/metrics`. They say nothing of any user, client or token. */
import type { FastifyInstance } from 'fastify';
import type { IssuerParts } from './context.ts';

export function operationRoutes(app: FastifyInstance, { health, metrics }: IssuerParts): void {
  app.get('/healthz', (_request, reply) => {
    const { status, body } = health.live();
    return reply.code(status).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body));
  });

  app.get('/readyz', async (_request, reply) => {
    const { status, body } = await health.ready();
    return reply.code(status).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body));
  });

  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics.render();
    return reply.header('cache-control', 'no-store').type(contentType).send(body);
  });
}
