/**
 * What a session promises, written a second time and independently of the server, as a model: which presentation of which refresh token
 * succeeds, with which successor, and which tokens live. Used by `histories.ts`.
 */

export const IDLE_MS = 10 * 60_000;
export const ABSOLUTE_MS = 60 * 60_000;
export const WINDOW_MS = 30_000;
export const ACCESS_TTL_MS = 10 * 60_000;

/** What came of a request that may have been cut off: `unknown` if nobody was told. */
export type Happening =
  /** A refresh token was presented: the generation that came back, or a refusal. */
  | { readonly kind: 'present'; readonly generation: number; readonly outcome: number | 'refused' | 'unknown' }
  /** The session was ended, one way or another. */
  | { readonly kind: 'end'; readonly outcome: 'done' | 'unknown' };

export class SessionModel {
  /** When generation `n + 1` was made from `n`; by position. */
  readonly #consumedMs: number[] = [];
  #dead = false;
  #idleUntilMs: number;
  readonly #untilMs: number;

  constructor(nowMs: number) {
    this.#untilMs = nowMs + ABSOLUTE_MS;
    this.#idleUntilMs = nowMs + IDLE_MS;
  }

  clone(): SessionModel {
    const copy = new SessionModel(this.#untilMs - ABSOLUTE_MS);
    copy.#consumedMs.push(...this.#consumedMs);
    copy.#dead = this.#dead;
    copy.#idleUntilMs = this.#idleUntilMs;
    return copy;
  }

  get newest(): number {
    return this.#consumedMs.length + 1;
  }

  /** Equal for models that promise the same. */
  get key(): string {
    return JSON.stringify([this.#consumedMs, this.#dead, this.#idleUntilMs]);
  }

  present(generation: number, nowMs: number): number | 'refused' {
    if (this.#dead || nowMs >= this.#untilMs || nowMs >= this.#idleUntilMs) return 'refused';
    if (generation === this.newest) {
      this.#consumedMs.push(nowMs);
      this.#idleUntilMs = nowMs + IDLE_MS;
      return generation + 1;
    }
    const consumedMs = this.#consumedMs[generation - 1] ?? Number.NaN;
    if (generation === this.newest - 1 && nowMs <= consumedMs + WINDOW_MS) return generation + 1;
    this.#dead = true;
    return 'refused';
  }

  end(): void {
    this.#dead = true;
  }

  /** Whether an access token of this session that was issued then is good now. */
  accepts(issuedMs: number, nowMs: number): boolean {
    const issuedSeconds = Math.floor(issuedMs / 1000);
    const expires = Math.min(issuedSeconds + ACCESS_TTL_MS / 1000, Math.floor(this.#untilMs / 1000));
    return !this.#dead && Math.floor(nowMs / 1000) < expires;
  }
}

/**
 * Every state that the session may be in after `happenings` at the same time, each in some order: none if no order explains them. A request
 * of which nobody heard may have happened at any point of it, or never.
 */
export function explain(
  models: readonly SessionModel[],
  happenings: readonly Happening[],
  nowMs: number,
): SessionModel[] {
  const reached = new Map<string, SessionModel>();
  const seen = new Set<string>();
  const visit = (model: SessionModel, rest: readonly Happening[]): void => {
    const place = `${model.key} ${JSON.stringify(rest)}`;
    if (seen.has(place)) return;
    seen.add(place);
    if (rest.every(({ outcome }) => outcome === 'unknown')) reached.set(model.key, model);
    for (const [index, happening] of rest.entries()) {
      const next = model.clone();
      if (happening.kind === 'end') next.end();
      else {
        const outcome = next.present(happening.generation, nowMs);
        if (happening.outcome !== 'unknown' && happening.outcome !== outcome) continue;
      }
      visit(
        next,
        rest.filter((_each, at) => at !== index),
      );
    }
  };
  for (const model of models) visit(model, happenings);
  return [...reached.values()];
}
