/**
 * Failures of the OAuth endpoints as they answer them: RFC 6749 section 5.2, with `cache-control: no-store`. Anything that is nobody's
 * typed answer becomes `server_error`, and its details go to the log alone.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GrantError, type GrantErrorCode } from '../grants/grant-error.ts';
import { ClientAuthenticationError } from './client-authentication.ts';
import type { IssuerParts } from './context.ts';
import { recordFailedClient } from './failed-client.ts';
import { FormError } from './form.ts';
import { frameworkFault } from './framework-faults.ts';

const STATUS: Readonly<Record<GrantErrorCode, number>> = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  invalid_dpop_proof: 400,
  use_dpop_nonce: 400,
  temporarily_unavailable: 503,
};

/** Makes the error handler of the OAuth endpoints. */
export function oauthErrorHandler({ logger, events, audit }: IssuerParts) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header('cache-control', 'no-store');
    if (error instanceof GrantError) {
      events.refused(request.routeOptions.url ?? '', error.code, error.reason, request.id);
      recordFailedClient(audit, logger, error, request);
      if (error instanceof ClientAuthenticationError && error.basic) {
        reply.header('www-authenticate', 'Basic realm="sealgate", charset="UTF-8"');
      }
      if (error.code === 'temporarily_unavailable') reply.header('retry-after', '1');
      send(reply, STATUS[error.code], error.code, error.message);
      return;
    }
    if (error instanceof FormError) return send(reply, 400, 'invalid_request', error.message);
    const fault = frameworkFault(error, request);
    if (fault !== undefined) {
      events.refused(request.routeOptions.url ?? '', fault.code, undefined, request.id);
      return send(reply, fault.status, 'invalid_request', fault.detail);
    }
    logger.error({ err: error, request_id: request.id }, 'a request failed');
    send(reply, 500, 'server_error', 'the request failed; the log says why under its request id');
  };
}

function send(reply: FastifyReply, status: number, error: string, description: string): void {
  reply
    .code(status)
    .type('application/json')
    .send(JSON.stringify({ error, error_description: description }));
}
