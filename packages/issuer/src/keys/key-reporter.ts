/** What an operator hears of the keys: a line in the log for each event, a counter, and an alarm where one is due. */
import type { Logger, Metrics } from '@sealgate/service';
import type { KeyEvent } from './key-rotation.ts';

export function keyReporter(logger: Logger, metrics: Metrics): (event: KeyEvent) => void {
  const events = metrics.counter({
    name: 'sealgate_issuer_key_events_total',
    help: 'Signing keys announced, promoted, retired and compromised, by event',
    labelNames: ['event'],
  });
  return (event) => {
    events.inc({ event: event.kind });
    if (event.kind === 'failed') logger.error({ err: event.error }, 'the signing keys cannot be looked after');
    else if (event.kind === 'promoted_unconfirmed') {
      logger.error({ kid: event.kid }, 'a signing key was promoted that not every connected verifier has confirmed');
    } else if (event.kind === 'successor_lacking') {
      logger.error(
        { alg: event.alg },
        'the signing key is due to give way, and its key store holds no other: add one to keys.signers',
      );
    } else logger.info({ kid: event.kid, event: event.kind }, 'a signing key changed its state');
  };
}
