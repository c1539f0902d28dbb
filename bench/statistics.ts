/** The arithmetic of rounds: how a figure is summed up, and how two are compared. Nothing here measures. */
import type { Comparison, Contender, Round, Target } from './section.ts';

export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** @throws {RangeError} for no values: a figure that nobody measured. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new RangeError('no rounds were measured');
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? min;
  const high = sorted[Math.floor(middle)] ?? max;
  return { min, median: (low + high) / 2, max };
}

type Of = NonNullable<Target['of']>;

function figures(contender: Contender, of: Of): number[] {
  return contender.rounds.flatMap((round: Round) => round[of] ?? []);
}

/**
 * The contender's figure over the peer's, round by round: both halves of a ratio were measured within seconds of each other, so
 * that a slow minute of the machine falls on both. Of one that took part in the first rounds only, those count.
 */
export function ratio(contender: Contender, peer: Contender, of: Of = 'value'): Summary {
  const theirs = figures(peer, of);
  const ours = figures(contender, of).slice(0, theirs.length);
  return summarize(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)));
}

export interface Judged {
  readonly target: Target;
  /** The median that the limit binds: a ratio, or a value in the comparison's unit. */
  readonly measured: number;
  readonly met: boolean;
}

/** Whether the median keeps the promise. */
export function judge(comparison: Comparison, target: Target): Judged {
  const of = target.of ?? 'value';
  const contender = named(comparison, target.contender);
  const measured =
    target.times === undefined
      ? summarize(figures(contender, of)).median
      : ratio(contender, named(comparison, target.times), of).median;
  return { target, measured, met: target.bound === 'at most' ? measured <= target.limit : measured >= target.limit };
}

/** @throws {RangeError} when the comparison has no contender of this name. */
export function named(comparison: Comparison, name: string): Contender {
  const found = comparison.contenders.find((contender) => contender.name === name);
  if (found === undefined) throw new RangeError(`"${comparison.title}" has no contender "${name}"`);
  return found;
}
