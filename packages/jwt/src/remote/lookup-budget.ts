/**
 * Rations fetches that unknown key ids cause, fairly by source.
 *
 * Anyone can invent key ids. One source gets one fetch in its cool-down, so a flood from one place spends only its own share; all
 * sources together get one in the global cool-down. A real new key gets in by whichever fetch comes next. Memory is bounded.
 */
const MAX_SOURCES = 10_000;

export class LookupBudget {
  readonly #lastBySource = new Map<string, number>();
  #last = Number.NEGATIVE_INFINITY;
  readonly #sourceCooldownSeconds: number;
  readonly #globalCooldownSeconds: number;

  constructor(sourceCooldownSeconds: number, globalCooldownSeconds: number) {
    this.#sourceCooldownSeconds = sourceCooldownSeconds;
    this.#globalCooldownSeconds = globalCooldownSeconds;
  }

  /** True when `source` may cause a fetch now; if so, its share is spent. */
  take(source: string, nowSeconds: number): boolean {
    if (!(nowSeconds >= this.#last + this.#globalCooldownSeconds)) return false;
    const last = this.#lastBySource.get(source);
    if (last !== undefined && !(nowSeconds >= last + this.#sourceCooldownSeconds)) return false;
    // Oldest first, since each taking source moves to the end.
    this.#lastBySource.delete(source);
    if (this.#lastBySource.size >= MAX_SOURCES) {
      const oldest = this.#lastBySource.keys().next();
      if (oldest.done !== true) this.#lastBySource.delete(oldest.value);
    }
    this.#lastBySource.set(source, nowSeconds);
    this.#last = nowSeconds;
    return true;
  }
}
