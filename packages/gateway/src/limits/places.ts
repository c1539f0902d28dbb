/** Places for requests under way, by holder: so many for each, counted in this process, or together with other workers (`fleet.ts`). */
import type { Fleet, SharedPlaces } from '../workers/fleet.ts';
import { reservedOf } from './reserve.ts';
import type { NamedPlace } from './reserves.ts';

export interface Places {
  /** Takes a place, unless there is none. Every `true` is followed by one `leave`. A promise only where others are asked. */
  enter(holder: string): boolean | Promise<boolean>;
  leave(holder: string): void;
  /** Holders with requests under way. */
  readonly size: number;
}

/** @param name - Names what the places are at, the same in every worker. */
export function createPlaces(name: string, limit: number, fleet: Fleet | undefined): Places {
  return fleet === undefined ? new InFlight(limit) : new DividedPlaces(name, limit, fleet);
}

/** Requests under way in this process. */
export class InFlight implements Places {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

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

  get size(): number {
    return this.#counts.size;
  }
}

/** Some places reserved to this worker, the rest shared; of what is reserved to others it gets what those do not need. */
export class DividedPlaces implements Places {
  readonly #name: string;
  readonly #reserved: InFlight;
  readonly #shared: SharedPlaces;
  readonly #sharedLimit: number;
  /** Shared places that requests of this worker have, by holder. */
  readonly #held = new Map<string, number>();

  constructor(name: string, limit: number, { size, places, reserves }: Fleet) {
    const reserved = reservedOf(limit, size);
    this.#name = name;
    this.#shared = places;
    this.#sharedLimit = limit - size * reserved;
    this.#reserved = reserves.ofPlaces(name, this.#sharedLimit, () => new InFlight(reserved));
  }

  enter(holder: string): boolean | Promise<boolean> {
    if (this.#reserved.enter(holder)) return true;
    return this.#shared.enter(this.#place(holder)).then((entered) => {
      if (entered) this.#held.set(holder, (this.#held.get(holder) ?? 0) + 1);
      return entered;
    });
  }

  /** Shared places are given back first: others wait for those. */
  leave(holder: string): void {
    const held = this.#held.get(holder) ?? 0;
    if (held === 0) {
      this.#reserved.leave(holder);
      return;
    }
    if (held === 1) this.#held.delete(holder);
    else this.#held.set(holder, held - 1);
    this.#shared.leave(this.#place(holder));
  }

  get size(): number {
    return this.#reserved.size + this.#held.size;
  }

  #place(holder: string): NamedPlace {
    return { name: this.#name, holder, limit: this.#sharedLimit };
  }
}
