/** What an operator sees of keys that live elsewhere: how long each signature took, and what failed. */
import type { Logger, Metrics } from '@sealgate/service';
import type { ExternalSigner } from './external-signer.ts';
import { SignerError } from './signer-error.ts';

const BUCKETS_SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** The same signers, watched. */
export function observeSigners(signers: readonly ExternalSigner[], logger: Logger, metrics: Metrics): ExternalSigner[] {
  if (signers.length === 0) return [];
  const durations = metrics.histogram({
    name: 'sealgate_issuer_signer_seconds',
    help: 'Time that signatures by key stores took, by key',
    labelNames: ['signer'],
    buckets: BUCKETS_SECONDS,
  });
  const failures = metrics.counter({
    name: 'sealgate_issuer_signer_failures_total',
    help: 'Signatures that a key store did not make, by key and code',
    labelNames: ['signer', 'code'],
  });
  return signers.map((signer) => ({
    ...signer,
    async sign(bytes) {
      const stop = durations.startTimer({ signer: signer.name });
      try {
        return await signer.sign(bytes);
      } catch (error) {
        const code = error instanceof SignerError ? error.code : 'unknown';
        failures.inc({ signer: signer.name, code });
        logger.error({ err: error, signer: signer.name }, 'a key store made no signature');
        throw error;
      } finally {
        stop();
      }
    },
  }));
}
