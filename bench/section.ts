/**
 * What a benchmark section is and what it returns.
 *
 * A section compares contenders doing the same work in the same run; a figure is worth little by itself, its ratio to a peer
 * measured beside it is worth more. How figures are shown is `report.ts`; how they are taken is the section's business, with
 * the means of `load/`.
 */
import type { Requirement } from '../scripts/provision.ts';

/** One measurement of one contender. A comparison has several, taken in turns: A B C, A B C, ... */
export interface Round {
  /** In the comparison's unit. */
  readonly value: number;
  /** Operations completed each second while this was measured. */
  readonly ratePerSecond?: number;
  readonly latencyMs?: { readonly p50: number; readonly p99: number };
  /** Resident memory of the process and its descendants after this round. */
  readonly residentBytes?: number;
  /** Where `value` is what something adds to the median latency: what it adds to the 99th percentile, milliseconds. */
  readonly addedP99Ms?: number;
  /** Share of the measured core that went to anything else meanwhile, 0 to 1: how far to trust the round. */
  readonly disturbance?: number;
}

export interface Contender {
  readonly name: string;
  /** Sent before the first round, and not measured. */
  readonly warmUpRequests?: number;
  readonly rounds: readonly Round[];
}

/** A promise about one contender's figure: absolute in the comparison's unit, or a multiple of another contender's. */
export interface Target {
  readonly contender: string;
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
  /** The contender whose figure `limit` multiplies; absent for an absolute limit. */
  readonly times?: string;
  /** Which figure is bound: the measured value (default), or the rate. */
  readonly of?: 'value' | 'ratePerSecond';
}

/** One table: the same work by several contenders. */
export interface Comparison {
  readonly title: string;
  /** Of `Round.value`: `'µs CPU per request'`. */
  readonly unit: string;
  readonly contenders: readonly Contender[];
  /** The contender that ratios in the table are relative to. */
  readonly peer: string;
  readonly targets: readonly Target[];
  /** What a reader must know to read this table: what was on, what was off. */
  readonly notes?: readonly string[];
}

export interface BenchContext {
  /** Few and short rounds: to see that it runs, not to quote. */
  readonly quick: boolean;
  /** Sessions in the database of one more contender of the issuer; 0 for none. */
  readonly sessions: number;
  /** A folder for this run's files, removed afterwards. */
  readonly scratch: string;
  /** One line of progress. */
  readonly progress: (line: string) => void;
}

export interface Section {
  /** As on the command line: `npm run bench -- gateway`. */
  readonly name: string;
  readonly title: string;
  /** Programs that must be on the machine. */
  readonly needs: readonly Requirement[];
  run(context: BenchContext): Promise<readonly Comparison[]>;
}
