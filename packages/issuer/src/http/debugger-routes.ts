/**
 * The token debugger at `/debugger/`: built pages that whoever composes the servers hands in. They run in the browser alone, and nothing of
 * the issuer answers to them; their own headers replace those of an interface without pages.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StaticSite } from '@sealgate/service';
import type { IssuerParts } from './context.ts';
import { sendProblem } from './problems.ts';

export function debuggerRoutes(app: FastifyInstance, { debuggerPage, basePath }: IssuerParts): void {
  if (debuggerPage === undefined) return;
  app.get('/debugger', (_request, reply) => reply.redirect(`${basePath}/debugger/`, 308));
  const serve = (request: FastifyRequest<{ Params: { '*': string } }>, reply: FastifyReply) =>
    send(debuggerPage, request, reply);
  app.get('/debugger/*', serve);
}

function send(
  site: StaticSite,
  request: FastifyRequest<{ Params: { '*': string } }>,
  reply: FastifyReply,
): FastifyReply {
  const found = site.answer(request.params['*'], request.headers['if-none-match']);
  if (found === undefined) {
    sendProblem(request, reply, 'not_found', 'there is nothing here');
    return reply;
  }
  return reply.code(found.status).headers(found.headers).send(found.body);
}
