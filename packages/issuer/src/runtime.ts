/** What the issuer takes from outside itself: time and chance. Handed in, so that tests decide both. */
import { randomFillSync } from 'node:crypto';

export interface Runtime {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** Unpredictable bytes. */
  readonly random: (bytes: number) => Uint8Array;
}

/** The system's own randomness, drawn a page at a time: asking it for each identifier costs more than signing saves. */
const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);

function drawRandom(bytes: number): Uint8Array {
  if (bytes > POOL_BYTES) return randomFillSync(Buffer.alloc(bytes));
  if (pool.length < bytes) pool = randomFillSync(Buffer.alloc(POOL_BYTES));
  const drawn = Buffer.from(pool.subarray(0, bytes));
  // Given out once, and not left in memory beside what it became.
  pool.fill(0, 0, bytes);
  pool = pool.subarray(bytes);
  return drawn;
}

export const systemRuntime: Runtime = { nowMs: () => Date.now(), random: drawRandom };

/** An identifier that nobody can guess: 128 bits, base64url, after a prefix that says what it names. */
export function createId(runtime: Runtime, prefix: string): string {
  return prefix + Buffer.from(runtime.random(16)).toString('base64url');
}

export function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
