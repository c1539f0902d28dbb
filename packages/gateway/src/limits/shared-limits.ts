/**
 * One route's limits, counted in a store: all of them in one question, once the decision is made. While the store cannot be asked the same
 * limits are counted in this process. Where workers have reserves (`reserve.ts`), a request that those grant asks nobody.
 *
 * What was refused stays refused until its time has come, without another question: a caller who does not stop costs the store nothing.
 */
import type { Principal } from '@sealgate/guard';
import { Generations } from './generations.ts';
import { holderOf } from './holder.ts';
import { keyOf } from './reserves.ts';
import { takeFrom, tighterOf, type LimitState, type RateLimit } from './rate-limit.ts';
import type { LimitStore, StoredTake } from './store/redis-store.ts';

/** Refusals longer ago than this are asked about again. */
const REMEMBERED_MS = 60_000;

export class SharedLimits {
  readonly #beforeToken: readonly RateLimit[];
  readonly #all: readonly RateLimit[];
  readonly #store: LimitStore;
  readonly #refusals = new Generations<{ readonly untilMs: number }>(REMEMBERED_MS);

  constructor(beforeToken: readonly RateLimit[], afterToken: readonly RateLimit[], store: LimitStore) {
    this.#beforeToken = beforeToken;
    this.#all = [...beforeToken, ...afterToken];
    this.#store = store;
  }

  /** The refusal of an address that still holds, before its token is looked at. */
  refused(ip: string, nowMs: number): LimitState | undefined {
    return this.#known(this.#beforeToken, ip, undefined, nowMs);
  }

  /**
   * Takes one request. A promise only where the store is asked.
   *
   * @param allowed - False when the decision refused it: then only the limits that need no token count.
   */
  take(
    ip: string,
    principal: Principal | undefined,
    allowed: boolean,
    nowMs: number,
  ): LimitState | undefined | Promise<LimitState | undefined> {
    const limits = allowed ? this.#all : this.#beforeToken;
    if (limits.length === 0) return undefined;
    const known = this.#known(limits, ip, principal, nowMs);
    if (known !== undefined) return known;
    // Most requests end here where there are reserves, so that nothing is made for those that do not.
    let tightest: LimitState | undefined;
    for (const limit of limits) {
      const left = limit.reserve?.counter.take(holderOf(limit, ip, principal), nowMs) ?? Number.NEGATIVE_INFINITY;
      if (left < 0) {
        const held = limits.slice(0, limits.indexOf(limit));
        for (const earlier of held) earlier.reserve?.counter.giveBack(holderOf(earlier, ip, principal));
        return this.#ask({ ip, principal, allowed, nowMs });
      }
      tightest = tighterOf(tightest, { limit, left: left + elsewhere(limit) });
    }
    return tightest;
  }

  /** Takes from the reserves what they have, and asks the store for the rest. */
  async #ask({ ip, principal, allowed, nowMs }: Asker): Promise<LimitState | undefined> {
    const all = (allowed ? this.#all : this.#beforeToken).map((limit, index): Asking => {
      const holder = holderOf(limit, ip, principal);
      const reserved = limit.reserve?.counter.take(holder, nowMs) ?? Number.NEGATIVE_INFINITY;
      return { limit, holder, stage: index < this.#beforeToken.length ? '1' : '2', reserved };
    });
    const missing = all.filter(({ reserved }) => reserved < 0);
    const granted = all
      .filter(({ reserved }) => reserved >= 0)
      .map(({ limit, reserved }): LimitState => ({ limit, left: reserved + elsewhere(limit) }));
    const takes = missing.map(({ limit, holder, stage }): StoredTake => {
      const { id, shape } = limit.stored();
      return { key: keyOf(id, holder), stage, shape, ofOthers: ofOthers(limit) };
    });
    const answers = await this.#store.take(takes);
    if (answers === undefined) return this.#takeHere(ip, principal, allowed, nowMs);
    const states = answers.map((left, index): LimitState => {
      const { limit, reserved } = missing[index]!;
      return { limit, left: left < 0 ? Math.max(left, reserved) : left };
    });
    const last = states.at(-1);
    if (last === undefined || last.left >= 0)
      return [...granted, ...states].reduce<LimitState | undefined>(tighterOf, undefined);
    const { stage } = missing[states.length - 1]!;
    for (const { limit, holder, stage: its, reserved } of all) {
      if (reserved >= 0 && its >= stage) limit.reserve?.counter.giveBack(holder);
    }
    this.#refusals.add(nameOf(last.limit, ip, principal), { untilMs: nowMs - last.left });
    return last;
  }

  #takeHere(ip: string, principal: Principal | undefined, allowed: boolean, nowMs: number): LimitState | undefined {
    const before = takeFrom(this.#beforeToken, ip, undefined, nowMs);
    if (!allowed || (before !== undefined && before.left < 0)) return before;
    return tighterOf(before, takeFrom(this.#all.slice(this.#beforeToken.length), ip, principal, nowMs));
  }

  #known(
    limits: readonly RateLimit[],
    ip: string,
    principal: Principal | undefined,
    nowMs: number,
  ): LimitState | undefined {
    if (this.#refusals.size === 0) return undefined;
    for (const limit of limits) {
      const untilMs = this.#refusals.find(nameOf(limit, ip, principal), nowMs)?.untilMs ?? 0;
      if (untilMs > nowMs) return { limit, left: nowMs - untilMs };
    }
    return undefined;
  }
}

interface Asking {
  readonly limit: RateLimit;
  readonly holder: string;
  readonly stage: '1' | '2';
  /** What the worker's reserve answered, as `Counter.take`. */
  readonly reserved: number;
}

interface Asker {
  readonly ip: string;
  readonly principal: Principal | undefined;
  readonly allowed: boolean;
  readonly nowMs: number;
}

/** Requests of the allowance beside this worker's reserve, as far as it knows. */
const elsewhere = ({ reserve }: RateLimit): number => (reserve === undefined ? 0 : reserve.total - reserve.size);

/** Requests in the reserves of the other workers, as far as is known. */
const ofOthers = ({ reserve }: RateLimit): number => (reserve === undefined ? 0 : (reserve.workers - 1) * reserve.size);

const nameOf = (limit: RateLimit, ip: string, principal: Principal | undefined): string =>
  `${limit.name} ${holderOf(limit, ip, principal)}`;
