/**
 * How many requests may be under way at once: for each caller, for a route, for an upstream (`places.ts`).
 *
 * A caller beyond its share is told so (429); a route or an upstream that is full says that it is busy (503).
 */
import { parseJsonPointer, type Principal } from '@sealgate/guard';
import type { ConcurrencyConfig } from '../config/limit-schema.ts';
import type { Fleet } from '../workers/fleet.ts';
import { holderOf, type CountedBy } from './holder.ts';
import { createPlaces, type Places } from './places.ts';

export interface ConcurrencyLimit extends CountedBy {
  readonly places: Places;
}

/** @param route - Name of the route: limits of different routes count apart. */
export function compileConcurrency(
  configs: readonly ConcurrencyConfig[],
  route: string,
  fleet: Fleet | undefined,
): readonly ConcurrencyLimit[] {
  return configs.map(({ by, claim, limit, ipv6Prefix }, index) => ({
    by,
    claim: claim === undefined ? undefined : parseJsonPointer(claim, 'concurrency.claim'),
    ipv6Prefix,
    places: createPlaces(`route ${route} ${index}`, limit, fleet),
  }));
}

/** Who is beyond its share: the caller, or the route or upstream as a whole. */
export type Full = 'caller' | 'everybody';

/** How to leave again; or which of them is full. */
export type Entry = (() => void) | Full;

interface Gate {
  readonly places: Places;
  readonly holder: string;
  readonly full: Full;
}

/**
 * Enters each limit and the upstream, or none.
 *
 * @param upstream - Requests under way there; undefined where there is no limit to them.
 * @returns A promise only where others are asked.
 */
export function enterAll(
  limits: readonly ConcurrencyLimit[],
  upstream: Places | undefined,
  ip: string,
  principal: Principal | undefined,
): Entry | Promise<Entry> {
  const gates = limits.map((limit): Gate => {
    const full = limit.by === 'route' ? 'everybody' : 'caller';
    return { places: limit.places, holder: holderOf(limit, ip, principal), full };
  });
  if (upstream !== undefined) gates.push({ places: upstream, holder: '', full: 'everybody' });
  return enterFrom(gates, 0);
}

/** The gates before `first` are entered. */
function enterFrom(gates: readonly Gate[], first: number): Entry | Promise<Entry> {
  const leaveAll = (count: number): void => {
    for (const { places, holder } of gates.slice(0, count)) places.leave(holder);
  };
  for (let at = first; at < gates.length; at++) {
    const { places, holder, full } = gates[at]!;
    const refused = (): Full => {
      leaveAll(at);
      return full;
    };
    const entered = places.enter(holder);
    if (entered instanceof Promise) return entered.then((is) => (is ? enterFrom(gates, at + 1) : refused()));
    if (!entered) return refused();
  }
  return () => leaveAll(gates.length);
}
