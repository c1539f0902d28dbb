/**
 * The hold after a revocation (ADR 6): tokens have an age in whole seconds, so whoever was revoked in this second is issued nothing
 * before the next.
 */
import type { Runtime } from '../runtime.ts';

const LONGEST_WAIT_MS = 1_000;

/** Resolves when `second` has begun, or after a second: a clock that was set back is not waited for, the caller looks again. */
export async function untilSecond(second: number, runtime: Runtime): Promise<void> {
  const waitMs = Math.min(second * 1000 - runtime.nowMs(), LONGEST_WAIT_MS);
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.ceil(waitMs)));
}
