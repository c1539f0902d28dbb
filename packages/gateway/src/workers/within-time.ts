/** An answer that is worth waiting for only so long. */
import { GatewayError } from '../errors.ts';

/** @throws {GatewayError} `worker_gone` when there is none within the time; else as the promise does. */
export async function withinTime<Answer>(answer: Promise<Answer>, limitMs: number): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new GatewayError('worker_gone')), limitMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
