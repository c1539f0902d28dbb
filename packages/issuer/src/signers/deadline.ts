/** A bound on the time that a key store may take, whether or not its client heeds the abort signal. */
import { SignerError } from './signer-error.ts';

/**
 * The outcome of `work`, or `timeout`. The work is told through its signal and no longer waited for.
 *
 * @throws {SignerError} `timeout`; and what `work` throws.
 */
export async function withinDeadline<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new SignerError('timeout', { detail: `no answer within ${timeoutMs} ms` });
    // First the verdict, then the signal: what the work says on being aborted comes too late.
    reject(error);
    controller.abort(error);
  }, timeoutMs);
  try {
    return await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
