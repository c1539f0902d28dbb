/**
 * A map that forgets: what was not asked for during `keepMs` goes, and no more than `maxKeys` stay.
 *
 * Two generations instead of a timer or a date for each key: what is used moves to the young one, and the old one is dropped whole.
 */
const MAX_KEYS = 200_000;

export class Generations<Entry> {
  readonly #keepMs: number;
  readonly #maxKeys: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #turnedAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param keepMs - An entry lives at least this long after its last use, unless there are too many.
   * @param maxKeys - Keys remembered at once; beyond it the old generation goes early. Default 200,000.
   */
  constructor(keepMs: number, maxKeys = MAX_KEYS) {
    this.#keepMs = keepMs;
    this.#maxKeys = maxKeys;
  }

  /** @param nowMs - A clock that never goes back. */
  find(key: string, nowMs: number): Entry | undefined {
    if (nowMs - this.#turnedAtMs >= this.#keepMs || this.#young.size >= this.#maxKeys / 2) this.#turn(nowMs);
    const entry = this.#young.get(key);
    if (entry !== undefined) return entry;
    const old = this.#old.get(key);
    if (old !== undefined) this.#young.set(key, old);
    return old;
  }

  /** Without counting as use. */
  peek(key: string): Entry | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  add(key: string, entry: Entry): void {
    this.#young.set(key, entry);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #turn(nowMs: number): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#turnedAtMs = nowMs;
  }
}
