/** How long a worker that ended is waited with: none for the first, longer for each that does not live. */

/** A worker that served for so long was no failed start. */
export const SETTLED_MS = 10_000;
const [FIRST_MS, LONGEST_MS] = [100, 10_000];

/** @param failures - How many in a row ended before they had served for {@link SETTLED_MS}. */
export const restartDelayMs = (failures: number): number =>
  failures <= 1 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 2));
