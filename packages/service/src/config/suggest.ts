/** "Did you mean": the nearest of a few known names, by edit distance. For error messages; nothing depends on its choice. */

const LONGEST_NAME = 64;

/** The known name nearest to `given`, or undefined if none is near enough to be a slip of the finger. */
export function suggestName(given: string, known: readonly string[]): string | undefined {
  if (given.length > LONGEST_NAME) return undefined;
  const allowed = Math.max(1, Math.floor(given.length / 3));
  const scored = known
    .map((name) => ({ name, distance: editDistance(fold(given), fold(name)) }))
    .filter(({ name, distance }) => distance <= allowed || (given.length > 2 && fold(name).startsWith(fold(given))))
    .sort((a, b) => a.distance - b.distance);
  return scored[0]?.name;
}

/** Case and separators are what people get wrong first: `body_limit` for `bodyLimit`. */
function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/gu, '');
}

/** Optimal string alignment distance: insertions, deletions, replacements, and swaps of neighbours. */
export function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
