/**
 * Memory for octets that outlive the buffer they were read into, until they were handed over: taken, used once, given back.
 *
 * Allocated anew for each part of a large body it would have the collector go through the whole heap many times a second, as V8 counts such
 * memory against all of it.
 */

/** As much as one read gives. */
const LENT_OCTETS = 64 * 1024;

/** Less is copied to memory of its own size: slow readers of many small parts must not hold so much for each. */
const LEAST_OCTETS = 8 * 1024;

/** Kept for later, at most; the rest is the collector's. */
const MOST_FREE = 64;

const free: Buffer[] = [];

/** A copy of some octets. */
export interface Loan {
  readonly octets: Buffer;
  /** Once nobody will look at them any more; after that they may change. */
  readonly giveBack: () => void;
}

export function copyOctets(buffer: Buffer, start: number, end: number): Loan {
  const length = end - start;
  if (length < LEAST_OCTETS || length > LENT_OCTETS)
    return { octets: Buffer.from(buffer.subarray(start, end)), giveBack: NOTHING };
  const memory = free.pop() ?? Buffer.allocUnsafeSlow(LENT_OCTETS);
  buffer.copy(memory, 0, start, end);
  // Given back twice, it would be lent to two at once.
  let isLent = true;
  const giveBack = (): void => {
    if (isLent && free.length < MOST_FREE) free.push(memory);
    isLent = false;
  };
  return { octets: memory.subarray(0, length), giveBack };
}

const NOTHING = (): void => undefined;

/**
 * Gives memory back that one read allocated for itself, instead of leaving it to the collector.
 *
 * @param octets - Nobody looks at them any more. Memory that they share with others stays.
 */
export function freeOctets({ buffer, byteLength }: Buffer): void {
  if (byteLength >= LEAST_OCTETS && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer)
    buffer.transfer(0);
}
