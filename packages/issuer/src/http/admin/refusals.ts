/**
 * Refused calls of the administration, written into the audit: each, up to so many a minute. Beyond that the log and the metric tell: whoever
 * has no token must not be able to fill the database.
 */
import type { FastifyRequest } from 'fastify';
import type { Logger } from '@sealgate/service';
import type { Audit } from '../../audit/audit-log.ts';
import type { Runtime } from '../../runtime.ts';
import { originOf } from '../origin-of.ts';
import type { AdminRefusal } from './authorize.ts';

const MOST_A_MINUTE = 60;
const MINUTE_MS = 60_000;

export class RefusalAudit {
  readonly #parts: { readonly audit: Audit; readonly runtime: Runtime; readonly logger: Logger };
  #beganMs = 0;
  #told = 0;

  constructor(parts: { readonly audit: Audit; readonly runtime: Runtime; readonly logger: Logger }) {
    this.#parts = parts;
  }

  /** A call without any token tried nothing, and is not told. */
  async tell(refusal: AdminRefusal, request: FastifyRequest): Promise<void> {
    if (refusal.code === 'token_missing' || !this.#mayTell()) return;
    const { audit, logger } = this.#parts;
    const { actor, reason } = refusal;
    await audit
      .record({
        event: 'administration_refused',
        outcome: 'refused',
        reason,
        actor,
        target: `route:${request.method} ${request.routeOptions.url ?? ''}`,
        origin: originOf(request),
      })
      .catch((error: unknown) => logger.error({ err: error }, 'the audit cannot be written'));
  }

  #mayTell(): boolean {
    const now = this.#parts.runtime.nowMs();
    if (Math.abs(now - this.#beganMs) >= MINUTE_MS) {
      this.#beganMs = now;
      this.#told = 0;
    }
    return ++this.#told <= MOST_A_MINUTE;
  }
}
