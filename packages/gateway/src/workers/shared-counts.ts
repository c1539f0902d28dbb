/**
 * What the supervisor counts for all its workers, exactly: DPoP proofs that were taken, what is left of allowances beside the reserves of the
 * workers, places for requests under way. It outlives every worker.
 */
import { ReplayMemory } from '@sealgate/guard';
import type { Counter } from '../limits/counter.ts';
import { Quotas } from '../limits/quotas.ts';
import { SlidingWindows } from '../limits/sliding-windows.ts';
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

/** What is counted for one worker. */
export interface CountsOfWorker {
  /** What it may ask. */
  readonly answering: Omit<Answering<ToSupervisor>, 'leave'>;
  /** The worker has ended: its places are free. */
  readonly release: () => void;
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

  constructor(options: SharedCountsOptions) {
    this.#options = options;
    this.#proofs = new ReplayMemory({ maxEntries: options.maxProofs });
  }

  /** For one worker. */
  open(): CountsOfWorker {
    const held = new Map<string, number>();
    const answering: CountsOfWorker['answering'] = {
      takeProof: ({ owner, id, untilSeconds, nowSeconds }) => this.#proofs.take(owner, id, untilSeconds, nowSeconds),
      timesTaken: ({ owner, id }) => this.#proofs.timesTaken(owner, id),
      takeLimits: (takes) => this.#take(takes),
      enterPlace: ({ key, limit }) => {
        const taken = this.#places.get(key) ?? 0;
        if (taken >= limit) return false;
        this.#places.set(key, taken + 1);
        held.set(key, (held.get(key) ?? 0) + 1);
        return true;
      },
      leavePlace: (key) => {
        this.#free(key, 1);
        lessen(held, key, 1);
        return undefined;
      },
    };
    return {
      answering,
      release: () => {
        for (const [key, count] of held) this.#free(key, count);
        held.clear();
      },
    };
  }

  /** As `LimitStore.take`: a stage is taken whole or not at all, and the first limit that refuses ends it. */
  #take(takes: readonly StoredTake[]): readonly number[] {
    const nowMs = this.#options.monotonicMs();
    const answers: number[] = [];
    for (const [index, { key, stage, shape }] of takes.entries()) {
      const left = this.#counterOf(shape).take(key, nowMs);
      answers.push(left);
      if (left >= 0) continue;
      for (const earlier of takes.slice(0, index)) {
        if (earlier.stage === stage) this.#counterOf(earlier.shape).giveBack(earlier.key);
      }
      return answers;
    }
    return answers;
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
