/**
 * Turns at a limit, for attempts that count for nothing once they turn out good. Each is counted before it is made, so many good ones at
 * once fill a limit that none of them will count for. Whoever finds it full of such attempts of this process waits until one has
 * ended, and asks again: nobody is admitted beyond the limit, and nobody is refused for what others have under way.
 *
 * Waiting is bounded, in time and in number; beyond that the limit's answer stands. Other processes are not waited for.
 */
import type { AttemptLimits, Counted } from './attempt-limits.ts';

export interface TurnBounds {
  readonly longestWaitMs: number;
  /** In the whole process. */
  readonly mostWaiting: number;
}

/** Enough passwords' checks one after another, and less than clients wait for an answer. */
const BOUNDS: TurnBounds = { longestWaitMs: 10_000, mostWaiting: 500 };

/** An attempt that may be made. */
export interface Turn {
  /** It is over. @param madeRoom - Its count was given back. */
  end(madeRoom: boolean): void;
}

/** Woken with `true` when there may be room, with `false` when nobody is left to wait for. */
type Wake = (mayHaveRoom: boolean) => void;

/** What is under way, and waits, for one holder of a limit. */
interface Queue {
  /** With those that were woken and ask again. */
  underWay: number;
  /** How often room was made. */
  roomMade: number;
  readonly waiting: Set<Wake>;
}

export class Turns {
  readonly #limits: AttemptLimits;
  readonly #queues = new Map<string, Queue>();
  readonly #bounds: TurnBounds;
  #waiting = 0;

  constructor(limits: AttemptLimits, bounds: TurnBounds = BOUNDS) {
    this.#limits = limits;
    this.#bounds = bounds;
  }

  /** @throws {TooManyAttempts} */
  async take(counted: readonly Counted[]): Promise<Turn> {
    const deadline = performance.now() + this.#bounds.longestWaitMs;
    let wokenAt: Queue | undefined;
    for (let mayWait = true; ;) {
      const seen = this.#enter(counted);
      if (wokenAt !== undefined) wokenAt.underWay--;
      let full: Counted | undefined;
      try {
        // Others, not this one: what it has counted itself is not in its way.
        full = await this.#limits.take(counted, mayWait ? (used) => this.#queue(used).underWay - 1 : undefined);
      } catch (error) {
        this.#leave(counted, false);
        wakeNext(wokenAt);
        throw error;
      }
      const queue = full && this.#queue(full);
      // Where it was woken there was room for it, or it is not for lack of room there: there may be some for the next.
      if (wokenAt !== queue) wakeNext(wokenAt);
      if (queue === undefined) return { end: (madeRoom) => this.#leave(counted, madeRoom) };
      const woken = this.#wait(queue, seen.get(queue), deadline);
      this.#leave(counted, false);
      mayWait = await woken;
      wokenAt = mayWait ? queue : undefined;
    }
  }

  /** Whether to ask again and, if need be, wait again. */
  async #wait(queue: Queue, roomSeen: number | undefined, deadline: number): Promise<boolean> {
    if (queue.roomMade !== roomSeen) {
      queue.underWay++;
      return true;
    }
    const longest = deadline - performance.now();
    if (longest <= 0 || this.#waiting >= this.#bounds.mostWaiting) return false;
    this.#waiting++;
    return new Promise<boolean>((resolve) => {
      const wake: Wake = (mayHaveRoom) => {
        clearTimeout(timer);
        queue.waiting.delete(wake);
        if (mayHaveRoom) queue.underWay++;
        this.#waiting--;
        resolve(mayHaveRoom);
      };
      const timer = setTimeout(wake, longest, false);
      queue.waiting.add(wake);
    });
  }

  /** @returns how often room was made in each queue so far. */
  #enter(counted: readonly Counted[]): ReadonlyMap<Queue, number> {
    return new Map(
      counted.map((used) => {
        const queue = this.#queue(used);
        queue.underWay++;
        return [queue, queue.roomMade];
      }),
    );
  }

  #leave(counted: readonly Counted[], madeRoom: boolean): void {
    for (const used of counted) {
      const queue = this.#queue(used);
      queue.underWay--;
      if (madeRoom) {
        queue.roomMade++;
        wakeNext(queue);
      }
      if (queue.underWay > 0) continue;
      for (const wake of queue.waiting) wake(false);
      this.#queues.delete(keyOf(used));
    }
  }

  #queue(used: Counted): Queue {
    const key = keyOf(used);
    let queue = this.#queues.get(key);
    if (queue === undefined) this.#queues.set(key, (queue = { underWay: 0, roomMade: 0, waiting: new Set() }));
    return queue;
  }
}

/** One only: it wakes the next in turn. */
function wakeNext(queue: Queue | undefined): void {
  const [wake] = queue?.waiting ?? [];
  wake?.(true);
}

function keyOf({ kind, holder }: Counted): string {
  return `${kind}\n${holder}`;
}
