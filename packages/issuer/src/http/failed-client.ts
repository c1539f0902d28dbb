/**
 * A client that did not prove itself, written into the audit after it was refused: nothing was done that the event would have to be one with,
 * and guessing gets no slower answer than a success.
 */
import type { FastifyRequest } from 'fastify';
import type { Logger } from '@sealgate/service';
import type { Audit } from '../audit/audit-log.ts';
import { ClientAuthenticationError } from './client-authentication.ts';
import { originOf } from './origin-of.ts';

/** Does nothing for other errors. */
export function recordFailedClient(audit: Audit, logger: Logger, error: unknown, request: FastifyRequest): void {
  if (!(error instanceof ClientAuthenticationError)) return;
  audit
    .record({
      event: 'client_authentication',
      outcome: 'refused',
      reason: error.reason,
      actor: { kind: 'anonymous' },
      client: error.clientId,
      origin: originOf(request),
    })
    .catch((fault: unknown) => logger.error({ err: fault }, 'the audit cannot be written'));
}
