/**
 * What one worker keeps in reserve of its routes' allowances and places (`reserve.ts`), by names that are the same in every worker, so that another
 * can have of it what it lacks.
 *
 * A reserve lives as long as a route counts with it, and one that is compiled again with the same settings goes on where it was.
 */
import type { InFlight } from './places.ts';
import type { Reserve } from './reserve.ts';

/** Places of one holder at a limit. */
export interface NamedPlace {
  /** Of the limit. */
  readonly name: string;
  readonly holder: string;
  /** How many the workers share, beside their reserves. */
  readonly limit: number;
}

/** What a request is counted by: the name of its limit, which holds no colon where there are reserves, and its holder. */
export const keyOf = (name: string, holder: string): string => `${name}:${holder}`;

export class Reserves {
  readonly #requests = new Kept<Reserve>();
  readonly #places = new Kept<InFlight>();

  /** The reserve of that name, or the one that is made for it. */
  ofRequests(name: string, make: () => Reserve): Reserve {
    return this.#requests.get(name, make);
  }

  /** @param limit - As {@link NamedPlace}: where that changes, so do the reserves. */
  ofPlaces(name: string, limit: number, make: () => InFlight): InFlight {
    return this.#places.get(`${limit} ${name}`, make);
  }

  /** Takes one request for another worker, as `Counter.take`; undefined where nothing is kept by that name. */
  lendRequest(key: string, nowMs: number): number | undefined {
    const colon = key.indexOf(':');
    return this.#requests.find(key.slice(0, colon))?.counter.take(key.slice(colon + 1), nowMs);
  }

  /** Undoes a `lendRequest` of this moment that was granted. */
  returnRequest(key: string): void {
    const colon = key.indexOf(':');
    this.#requests.find(key.slice(0, colon))?.counter.giveBack(key.slice(colon + 1));
  }

  /** Takes a place for another worker, which gives it back by {@link returnPlace}. */
  lendPlace({ name, holder, limit }: NamedPlace): boolean {
    return this.#places.find(`${limit} ${name}`)?.enter(holder) ?? false;
  }

  returnPlace({ name, holder, limit }: NamedPlace): void {
    this.#places.find(`${limit} ${name}`)?.leave(holder);
  }
}

/** By name, for as long as somebody else holds it. */
class Kept<Value extends object> {
  readonly #byName = new Map<string, WeakRef<Value>>();

  find(name: string): Value | undefined {
    return this.#byName.get(name)?.deref();
  }

  get(name: string, make: () => Value): Value {
    const known = this.find(name);
    if (known !== undefined) return known;
    for (const [other, reference] of this.#byName) if (reference.deref() === undefined) this.#byName.delete(other);
    const made = make();
    this.#byName.set(name, new WeakRef(made));
    return made;
  }
}
