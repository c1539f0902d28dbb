/**
 * What the supervisor counts for all its workers, exactly: DPoP proofs that were taken, what is left of allowances beside the reserves of the
 * workers, places for requests under way. Where nothing is left, the reserves of the other workers are asked. It outlives every worker.
 */
import { ReplayMemory } from '@sealgate/guard';
import type { Counter } from '../limits/counter.ts';
import { Quotas } from '../limits/quotas.ts';
import { SlidingWindows } from '../limits/sliding-windows.ts';
import type { NamedPlace } from '../limits/reserves.ts';
import type { StoredTake } from '../limits/store/redis-store.ts';
import { TokenBuckets } from '../limits/token-buckets.ts';
import type { Answering } from './channel.ts';
import type { ToSupervisor } from './protocol.ts';

export interface SharedCountsOptions {
  /** Proofs remembered at once. */
  readonly maxProofs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: () => number;
}

/** The reserves of one worker (`limits/reserves.ts`), as far as it can be asked now. */
export interface Lender {
  /** As `Counter.take`; undefined when it cannot tell. */
  lendRequest(key: string): Promise<number | undefined>;
  /** Undoes a request that was lent in this moment. */
  returnRequest(key: string): void;
  lendPlace(place: NamedPlace): Promise<boolean>;
  returnPlace(place: NamedPlace): void;
}

/** What is counted for one worker. */
export interface CountsOfWorker {
  /** What it may ask. */
  readonly answering: Omit<Answering<ToSupervisor>, 'leave' | 'beat'>;
  /** The worker has ended: its places are free. */
  readonly release: () => void;
}

interface Borrowed {
  readonly lender: Lender | undefined;
  readonly left: number;
}

interface KeptCounter {
  readonly counter: Counter;
  /** Milliseconds after its last use in which it may know what is not forgotten. */
  readonly keepMs: number;
  usedAtMs: number;
}

export class SharedCounts {
  readonly #options: SharedCountsOptions;
  readonly #proofs: ReplayMemory;
  /** By shape: limits of the same shape count apart by their keys. */
  readonly #counters = new Map<string, KeptCounter>();
  readonly #places = new Map<string, number>();
  readonly #lenders = new Set<Lender>();

  constructor(options: SharedCountsOptions) {
    this.#options = options;
    this.#proofs = new ReplayMemory({ maxEntries: options.maxProofs });
  }

  /** For one worker. */
  open(own: Lender): CountsOfWorker {
    const held = new Map<string, number>();
    /** Places that are others' reserves. */
    const lent: { readonly key: string; readonly place: NamedPlace; readonly lender: Lender }[] = [];
    this.#lenders.add(own);
    const answering: CountsOfWorker['answering'] = {
      takeProof: ({ owner, id, untilSeconds, nowSeconds }) => this.#proofs.take(owner, id, untilSeconds, nowSeconds),
      timesTaken: ({ owner, id }) => this.#proofs.timesTaken(owner, id),
      takeLimits: (takes) => this.#take(takes, own),
      enterPlace: async (place) => {
        const key = `${place.name} ${place.holder}`;
        const taken = this.#places.get(key) ?? 0;
        if (taken < place.limit) {
          this.#places.set(key, taken + 1);
          held.set(key, (held.get(key) ?? 0) + 1);
          return true;
        }
        for (const lender of this.#others(own)) {
          if (!(await lender.lendPlace(place))) continue;
          lent.push({ key, place, lender });
          return true;
        }
        return false;
      },
      // What is lent goes back last: others find what is shared at once.
      leavePlace: ({ name, holder }) => {
        const key = `${name} ${holder}`;
        if (held.has(key)) {
          this.#free(key, 1);
          lessen(held, key, 1);
          return undefined;
        }
        const index = lent.findIndex((each) => each.key === key);
        const [borrowed] = index === -1 ? [] : lent.splice(index, 1);
        borrowed?.lender.returnPlace(borrowed.place);
        return undefined;
      },
    };
    return {
      answering,
      release: () => {
        this.#lenders.delete(own);
        for (const [key, count] of held) this.#free(key, count);
        held.clear();
        for (const { lender, place } of lent.splice(0)) lender.returnPlace(place);
      },
    };
  }

  /** As `LimitStore.take`: a stage is taken whole or not at all, and the first limit that refuses ends it. */
  async #take(takes: readonly StoredTake[], own: Lender): Promise<readonly number[]> {
    const nowMs = this.#options.monotonicMs();
    const answers: number[] = [];
    const taken: { readonly stage: string; readonly undo: () => void }[] = [];
    for (const { key, stage, shape, ofOthers } of takes) {
      const counter = this.#counterOf(shape);
      const left = counter.take(key, nowMs);
      const borrowed = left < 0 && ofOthers > 0 ? await this.#borrow(key, ofOthers, left, own) : undefined;
      const { lender } = borrowed ?? {};
      if (left < 0 && lender === undefined) {
        for (const earlier of taken) if (earlier.stage === stage) earlier.undo();
        return [...answers, borrowed?.left ?? left];
      }
      answers.push(borrowed?.left ?? left + ofOthers);
      taken.push({ stage, undo: () => (lender === undefined ? counter.giveBack(key) : lender.returnRequest(key)) });
    }
    return answers;
  }

  /**
   * One request of what the other workers have in reserve.
   *
   * @returns whose it is and what is left, as far as is known; or, of nobody, as `Counter.take` refuses.
   */
  async #borrow(key: string, ofOthers: number, refused: number, own: Lender): Promise<Borrowed> {
    const lenders = this.#others(own);
    let soonest = refused;
    for (const [index, lender] of lenders.entries()) {
      const left = await lender.lendRequest(key);
      if (left === undefined) continue;
      const unasked = lenders.length - 1 - index;
      if (left >= 0) return { lender, left: left + Math.floor((ofOthers * unasked) / lenders.length) };
      soonest = Math.max(soonest, left);
    }
    return { lender: undefined, left: soonest };
  }

  #others(own: Lender): readonly Lender[] {
    return [...this.#lenders].filter((lender) => lender !== own);
  }

  #counterOf(shape: StoredTake['shape']): Counter {
    const name = shape.join(' ');
    const nowMs = this.#options.monotonicMs();
    let kept = this.#counters.get(name);
    if (kept === undefined) {
      this.#forgetUnused(nowMs);
      this.#counters.set(name, (kept = this.#makeCounter(shape)));
    }
    kept.usedAtMs = nowMs;
    return kept.counter;
  }

  #makeCounter([kind, ...numbers]: StoredTake['shape']): KeptCounter {
    const [limit = 0, second = 0, burst = 0] = numbers.map(Number);
    const keep = (counter: Counter, keepMs: number): KeptCounter => ({ counter, keepMs, usedAtMs: 0 });
    if (kind === 'bucket') {
      return keep(new TokenBuckets({ limit, perMs: second, burst }), Math.ceil((burst * second) / limit));
    }
    if (kind === 'window') return keep(new SlidingWindows({ limit, perMs: second }), 2 * second);
    const { wallMs } = this.#options;
    const endsInMs = (): number => Math.max(1, second - wallMs());
    const period = {
      current: { label: String(second) },
      get endsInMs() {
        return endsInMs();
      },
    };
    return keep(new Quotas(limit, period), endsInMs());
  }

  /** Counters that a reload left behind, once all that they have counted has come back. */
  #forgetUnused(nowMs: number): void {
    for (const [name, { usedAtMs, keepMs }] of this.#counters) {
      if (nowMs - usedAtMs > keepMs) this.#counters.delete(name);
    }
  }

  #free(key: string, count: number): void {
    lessen(this.#places, key, count);
  }
}

function lessen(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) - by;
  if (count <= 0) counts.delete(key);
  else counts.set(key, count);
}
