/**
 * One route's limits, counted in a store: all of them in one question, once the decision is made. While the store cannot be asked the same
 * limits are counted in this process.
 *
 * What was refused stays refused until its time has come, without another question: a caller who does not stop costs the store nothing.
 */
import type { Principal } from '@sealgate/guard';
import { createHash } from 'node:crypto';
import { Generations } from './generations.ts';
import { holderOf } from './holder.ts';
import { takeFrom, tighterOf, type LimitState, type RateLimit } from './rate-limit.ts';
import type { LimitStore, StoredTake } from './store/redis-store.ts';

/** Refusals longer ago than this are asked about again. */
const REMEMBERED_MS = 60_000;
/** A longer name of a holder is kept by its hash. */
const LONGEST_HOLDER = 128;

export class SharedLimits {
  readonly #beforeToken: readonly RateLimit[];
  readonly #afterToken: readonly RateLimit[];
  readonly #store: LimitStore;
  readonly #refusals = new Generations<{ readonly untilMs: number }>(REMEMBERED_MS);

  constructor(beforeToken: readonly RateLimit[], afterToken: readonly RateLimit[], store: LimitStore) {
    this.#beforeToken = beforeToken;
    this.#afterToken = afterToken;
    this.#store = store;
  }

  /** The refusal of an address that still holds, before its token is looked at. */
  refused(ip: string, nowMs: number): LimitState | undefined {
    return this.#known(this.#beforeToken, ip, undefined, nowMs);
  }

  /**
   * Takes one request.
   *
   * @param allowed - False when the decision refused it: then only the limits that need no token count.
   */
  async take(
    ip: string,
    principal: Principal | undefined,
    allowed: boolean,
    nowMs: number,
  ): Promise<LimitState | undefined> {
    const limits = allowed ? [...this.#beforeToken, ...this.#afterToken] : this.#beforeToken;
    if (limits.length === 0) return undefined;
    const known = this.#known(limits, ip, principal, nowMs);
    if (known !== undefined) return known;
    const takes = limits.map((limit, index): StoredTake => {
      const { id, shape } = limit.stored();
      const stage = index < this.#beforeToken.length ? '1' : '2';
      return { key: `${id}:${shortened(holderOf(limit, ip, principal))}`, stage, shape };
    });
    const answers = await this.#store.take(takes);
    if (answers === undefined) return this.#takeHere(ip, principal, allowed, nowMs);
    const states = answers.map((left, index): LimitState => ({ limit: limits[index]!, left }));
    const last = states.at(-1);
    if (last === undefined || last.left >= 0) return states.reduce<LimitState | undefined>(tighterOf, undefined);
    this.#refusals.add(nameOf(last.limit, ip, principal), { untilMs: nowMs - last.left });
    return last;
  }

  #takeHere(ip: string, principal: Principal | undefined, allowed: boolean, nowMs: number): LimitState | undefined {
    const before = takeFrom(this.#beforeToken, ip, undefined, nowMs);
    if (!allowed || (before !== undefined && before.left < 0)) return before;
    return tighterOf(before, takeFrom(this.#afterToken, ip, principal, nowMs));
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

const nameOf = (limit: RateLimit, ip: string, principal: Principal | undefined): string =>
  `${limit.name} ${holderOf(limit, ip, principal)}`;

function shortened(holder: string): string {
  return holder.length <= LONGEST_HOLDER ? holder : createHash('sha256').update(holder).digest('base64url');
}
