/**
 * How alike two bodies are: the share of words that both have (Dice's coefficient over the multisets). Coarse on purpose: times, request ids
 * and the order of members may differ between two answers to the same request.
 */

/** 0: nothing in common; 1: the same words equally often. */
export function similarity(one: string, other: string): number {
  if (one === other) return 1;
  const [left, right] = [wordsOf(one), wordsOf(other)];
  const total = sizeOf(left) + sizeOf(right);
  if (total === 0) return 1;
  let inBoth = 0;
  for (const [word, count] of left) inBoth += Math.min(count, right.get(word) ?? 0);
  return (2 * inBoth) / total;
}

function wordsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}_]+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function sizeOf(counts: ReadonlyMap<string, number>): number {
  let size = 0;
  for (const count of counts.values()) size += count;
  return size;
}
