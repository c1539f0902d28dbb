/**
 * What a session promises, written a second time and independently of the server, as a model: which presentation of which refresh token
 * succeeds, with which successor, and which tokens live. Used by `model.test.ts`.
 */

export const IDLE_MS = 10 * 60_000;
export const ABSOLUTE_MS = 60 * 60_000;
export const WINDOW_MS = 30_000;
export const ACCESS_TTL_MS = 10 * 60_000;

/** The outcome of presenting a refresh token: the generation that came back, or a refusal. */
export type Outcome = number | 'refused';

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

  get dead(): boolean {
    return this.#dead;
  }

  present(generation: number, nowMs: number): Outcome {
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

/** An order of presentations made at the same time that explains their outcomes, as the model after it; `undefined` if there is none. */
export function explain(
  model: SessionModel,
  presentations: readonly { readonly generation: number; readonly outcome: Outcome }[],
  nowMs: number,
): SessionModel | undefined {
  if (presentations.length === 0) return model;
  for (const [index, { generation, outcome }] of presentations.entries()) {
    const next = model.clone();
    if (next.present(generation, nowMs) !== outcome) continue;
    const rest = presentations.filter((_each, at) => at !== index);
    const explained = explain(next, rest, nowMs);
    if (explained !== undefined) return explained;
  }
  return undefined;
}
