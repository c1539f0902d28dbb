/**
 * A client application that refreshes without pause, and remembers what it was told: what the server acknowledged must hold after any
 * crash.
 */
import { logIn, refresh, tokensOf } from '../harness/client.ts';
import type { Answer, Tokens } from '../harness/client.ts';

/** An answer, or undefined where the server died before it gave one. */
export async function attempt(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    // What fetch throws when a connection breaks; anything else is a fault of the test.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

export class RefreshClient {
  readonly #issuer: string;
  /** Of the last answer that arrived. */
  #current: Tokens;
  acknowledged = 0;

  private constructor(issuer: string, tokens: Tokens) {
    this.#issuer = issuer;
    this.#current = tokens;
  }

  static async logIn(issuer: string): Promise<RefreshClient> {
    return new RefreshClient(issuer, await logIn(issuer));
  }

  /** Refreshes until the server is gone. */
  async refreshUntilCrash(): Promise<void> {
    for (;;) {
      const answer = await attempt(() => refresh(this.#issuer, this.#current.refresh));
      if (answer === undefined) return;
      this.#current = tokensOf(answer);
      this.acknowledged += 1;
    }
  }

  /**
   * After a restart: the newest token that this client knows is good, whether the crash came before or after its last request was
   * carried out; and asking twice, as a client does that lost the answer, gives the same successor.
   */
  async assertStillGood(): Promise<void> {
    const first = tokensOf(await refresh(this.#issuer, this.#current.refresh));
    const again = tokensOf(await refresh(this.#issuer, this.#current.refresh));
    if (first.refresh !== again.refresh) throw new Error('one refresh token gave two successors');
    this.#current = first;
  }

  get tokens(): Tokens {
    return this.#current;
  }
}
