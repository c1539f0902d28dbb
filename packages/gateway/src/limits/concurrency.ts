/**
 * How many requests may be under way at once: for each caller, for a route, for an upstream. Counted in this process.
 *
 * A caller beyond its share is told so (429); a route or an upstream that is full says that it is busy (503).
 */
import { parseJsonPointer, type Principal } from '@sealgate/guard';
import type { ConcurrencyConfig } from '../config/limit-schema.ts';
import { holderOf, type CountedBy } from './holder.ts';

/** Requests under way, by holder. */
export class InFlight {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** One more, unless there are too many. Every `true` is followed by one `leave`. */
  enter(holder: string): boolean {
    const count = this.#counts.get(holder) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(holder, count + 1);
    return true;
  }

  leave(holder: string): void {
    const count = this.#counts.get(holder) ?? 0;
    if (count <= 1) this.#counts.delete(holder);
    else this.#counts.set(holder, count - 1);
  }

  /** Holders with requests under way. */
  get size(): number {
    return this.#counts.size;
  }
}

export interface ConcurrencyLimit extends CountedBy {
  readonly inFlight: InFlight;
}

export function compileConcurrency(configs: readonly ConcurrencyConfig[]): readonly ConcurrencyLimit[] {
  return configs.map(({ by, claim, limit, ipv6Prefix }) => ({
    by,
    claim: claim === undefined ? undefined : parseJsonPointer(claim, 'concurrency.claim'),
    ipv6Prefix,
    inFlight: new InFlight(limit),
  }));
}

/** Who is beyond its share: the caller, or the route or upstream as a whole. */
export type Full = 'caller' | 'everybody';

/**
 * Enters each limit and the upstream, or none.
 *
 * @param upstream - Requests under way there; undefined where there is no limit to them.
 * @returns how to leave again; or which of them is full.
 */
export function enterAll(
  limits: readonly ConcurrencyLimit[],
  upstream: InFlight | undefined,
  ip: string,
  principal: Principal | undefined,
): (() => void) | Full {
  const entered: (() => void)[] = [];
  const release = (): void => {
    for (const leave of entered.splice(0)) leave();
  };
  for (const limit of limits) {
    const holder = holderOf(limit, ip, principal);
    if (!limit.inFlight.enter(holder)) {
      release();
      return limit.by === 'route' ? 'everybody' : 'caller';
    }
    entered.push(() => limit.inFlight.leave(holder));
  }
  if (upstream === undefined) return release;
  if (!upstream.enter('')) {
    release();
    return 'everybody';
  }
  entered.push(() => upstream.leave(''));
  return release;
}
