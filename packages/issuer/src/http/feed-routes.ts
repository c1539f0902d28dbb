/** `GET /v1/feed` and `POST /v1/feed/ack` (ADR 8): for clients that may introspect. Carries the stream; what is in it is `revocation/feed.ts`. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Client } from '../clients/client.ts';
import { GrantError } from '../grants/grant-error.ts';
import type { FeedSink } from '../revocation/feed.ts';
import { authenticateClient } from './client-authentication.ts';
import type { IssuerParts } from './context.ts';
import { parseBody } from './json-body.ts';
import { originOf } from './origin-of.ts';
import { FirstPartyError } from './problems.ts';

/** A verifier that reads slower than this is cut off; it comes back and gets a snapshot. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;
const VERIFIER_NAME = /^[A-Za-z0-9._-]{1,64}$/u;

const ackBody = z.strictObject({ connection: z.string().min(1).max(128), seq: z.int().min(0) });

export function feedRoutes(app: FastifyInstance, parts: IssuerParts): void {
  app.get('/v1/feed', async (request: FastifyRequest<{ Querystring: Record<string, unknown> }>, reply) => {
    const client = await verifierOf(parts, request);
    const { verifier = client.id } = request.query;
    if (typeof verifier !== 'string' || !VERIFIER_NAME.test(verifier)) {
      throw new FirstPartyError(
        'invalid_request',
        'verifier is a name of 1 to 64 letters, digits, dots, dashes and underscores',
      );
    }
    const lastEventId = request.headers['last-event-id'];
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    request.raw.socket.setNoDelay(true);
    const sink = sinkOf(response);
    try {
      const reader = {
        clientId: client.id,
        name: verifier,
        agent: originOf(request).userAgent,
        lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
      };
      const leave = await parts.feed.connect(reader, sink);
      if (response.closed) leave();
      else response.once('close', leave);
    } catch (error) {
      parts.logger.error({ err: error, request_id: request.id }, 'a feed connection failed');
      response.destroy();
    }
  });

  app.post('/v1/feed/ack', async (request, reply) => {
    const client = await verifierOf(parts, request);
    const { connection, seq } = parseBody(ackBody, request.body);
    if (!(await parts.confirmations.confirm(connection, seq, client.id))) {
      throw new FirstPartyError('unknown_connection', 'no feed connection of this client has this id');
    }
    return reply.header('cache-control', 'no-store').code(204).send();
  });
}

async function verifierOf(parts: IssuerParts, request: FastifyRequest): Promise<Client> {
  const { authorization } = request.headers;
  const client = await authenticateClient(parts.authentication, {
    authorization,
    clientId: undefined,
    clientSecret: undefined,
  });
  if (!client.introspection) throw new GrantError('unauthorized_client', 'this client may not read the feed');
  return client;
}

function sinkOf(response: ServerResponse): FeedSink {
  return {
    write: (text) => {
      if (response.destroyed || response.writableLength > MOST_UNREAD_BYTES) return false;
      response.write(text);
      return true;
    },
    drained: async () => {
      if (!response.writableNeedDrain || response.destroyed) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      response.once('drain', resolve).once('close', resolve);
      await promise;
    },
    close: () => response.destroy(),
  };
}
