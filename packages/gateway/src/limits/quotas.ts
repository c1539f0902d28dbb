/**
 * Quotas: so many requests for each key in a calendar month or day, in UTC. All come back at once when the next one begins.
 *
 * In the memory of one process a quota ends with the process; those that count for something are kept in a store (`limit-store.ts`).
 */
import type { Counter } from './counter.ts';

export type Period = 'month' | 'day';

/** One month or day. */
export interface CalendarPeriod {
  /** `2026-11` or `2026-11-22`. */
  readonly label: string;
  readonly startMs: number;
  /** Milliseconds since the Unix epoch: the first that is no longer part of it. */
  readonly endMs: number;
}

/** @param wallMs - Milliseconds since the Unix epoch. */
export function periodAt(period: Period, wallMs: number): CalendarPeriod {
  const date = new Date(wallMs);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return period === 'month'
    ? { label: date.toISOString().slice(0, 7), startMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) }
    : {
        label: date.toISOString().slice(0, 10),
        startMs: Date.UTC(year, month, day),
        endMs: Date.UTC(year, month, day + 1),
      };
}

/** The current period, worked out once for each. */
export class Calendar {
  readonly #period: Period;
  readonly #wallMs: () => number;
  #current: CalendarPeriod;

  constructor(period: Period, wallMs: () => number) {
    this.#period = period;
    this.#wallMs = wallMs;
    this.#current = periodAt(period, wallMs());
  }

  get current(): CalendarPeriod {
    const now = this.#wallMs();
    const { startMs, endMs } = this.#current;
    if (now >= endMs || now < startMs) this.#current = periodAt(this.#period, now);
    return this.#current;
  }

  /** At least one. */
  get endsInMs(): number {
    return Math.max(1, this.current.endMs - this.#wallMs());
  }
}

/** Keys remembered at once. Those beyond it share one quota rather than have none. */
const MAX_KEYS = 200_000;
const EVERYBODY_ELSE = '';

/** What of a {@link Calendar} is needed to count in it. */
export type CountedPeriod = Pick<Calendar, 'endsInMs'> & { readonly current: Pick<CalendarPeriod, 'label'> };

export class Quotas implements Counter {
  readonly #limit: number;
  readonly #calendar: CountedPeriod;
  readonly #used = new Map<string, number>();
  #label = '';

  constructor(limit: number, calendar: CountedPeriod) {
    this.#limit = limit;
    this.#calendar = calendar;
  }

  take(key: string): number {
    const { label } = this.#calendar.current;
    if (label !== this.#label) {
      this.#label = label;
      this.#used.clear();
    }
    const holder = this.#holder(key);
    const used = this.#used.get(holder) ?? 0;
    if (used >= this.#limit) return -this.#calendar.endsInMs;
    this.#used.set(holder, used + 1);
    return this.#limit - used - 1;
  }

  giveBack(key: string): void {
    const holder = this.#holder(key);
    const used = this.#used.get(holder) ?? 0;
    if (used > 0) this.#used.set(holder, used - 1);
  }

  fullInMs(): number {
    return this.#calendar.endsInMs;
  }

  get size(): number {
    return this.#used.size;
  }

  #holder(key: string): string {
    return this.#used.size < MAX_KEYS || this.#used.has(key) ? key : EVERYBODY_ELSE;
  }
}
