/** What the issuer takes from outside itself: time and chance. Handed in, so that tests decide both. */
import { randomBytes } from 'node:crypto';

export interface Runtime {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Unpredictable bytes. */
  random(bytes: number): Uint8Array;
}

export const systemRuntime: Runtime = { nowMs: () => Date.now(), random: (bytes) => randomBytes(bytes) };

/** An identifier that nobody can guess: 128 bits, base64url, after a prefix that says what it names. */
export function createId(runtime: Runtime, prefix: string): string {
  return prefix + Buffer.from(runtime.random(16)).toString('base64url');
}

export function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
