/** What the log says of the issuers: what fails as a warning, what happens all the time at level debug. */
import type { TrustEvent } from '@sealgate/guard';
import type { Logger } from '@sealgate/service';

const FREQUENT_EVENTS: ReadonlySet<TrustEvent['type']> = new Set(['feed_applied', 'feed_confirmed', 'keys_fetched']);

export function logTrustEvent(logger: Logger, { issuer, type, ...details }: TrustEvent): void {
  const error = 'error' in details ? details.error : undefined;
  if (error !== undefined) logger.warn({ issuer, event: type, err: error }, 'issuer');
  else if (FREQUENT_EVENTS.has(type)) logger.debug({ issuer, event: type, ...details }, 'issuer');
  else logger.info({ issuer, event: type, ...details }, 'issuer');
}
