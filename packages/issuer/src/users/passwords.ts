/**
 * Passwords: argon2id (RFC 9106) on libuv's thread pool, never on the event loop, and never more at a time than there is memory and
 * processor for. Knows nothing of users.
 */
import { hash, verify, type Algorithm } from '@node-rs/argon2';

/** The package's own name for it is a `const enum`, which cannot be imported one file at a time. */
const ARGON2ID: Algorithm = 2;

export interface PasswordCost {
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
}

/** More than any person types; far less than what would make hashing a weapon. */
export const LONGEST_PASSWORD_BYTES = 1024;

/** Too many logins wait already. The caller answers "try again later". */
export class PasswordQueueFull extends Error {
  override readonly name = 'PasswordQueueFull';
}

export interface PasswordOptions {
  readonly cost: PasswordCost;
  /** Hashes computed at one time. */
  readonly concurrency: number;
  /** Those that may wait beside them. */
  readonly queueLimit: number;
}

export class Passwords {
  readonly #options: PasswordOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | undefined;

  constructor(options: PasswordOptions) {
    this.#options = options;
  }

  /** @throws {PasswordQueueFull} */
  hash(password: string): Promise<string> {
    return this.#bounded(() => hash(normalise(password), this.#parameters()));
  }

  /**
   * Whether the password is the one that was hashed. Without a hash (no such user) it takes as long, and is false.
   *
   * @throws {PasswordQueueFull}
   */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    if (stored === undefined) this.#decoy ??= this.hash('no user has this password');
    const against = stored ?? (await this.#decoy) ?? '';
    const matches = await this.#bounded(() => verify(against, normalise(password)));
    return matches && stored !== undefined;
  }

  /** Whether a stored hash was made with other costs than today's, and is due to be made again at the next login. */
  isOutdated(stored: string): boolean {
    const { memoryKib, iterations, parallelism } = this.#options.cost;
    return !stored.startsWith(`$argon2id$v=19$m=${memoryKib},t=${iterations},p=${parallelism}$`);
  }

  /** Makes ready what the first login with an unknown name needs, so that it takes no longer than others. */
  async warmUp(): Promise<void> {
    this.#decoy ??= this.hash('no user has this password');
    await this.#decoy;
  }

  #parameters() {
    const { memoryKib, iterations, parallelism } = this.#options.cost;
    return { algorithm: ARGON2ID, memoryCost: memoryKib, timeCost: iterations, parallelism };
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.concurrency) {
      if (this.#waiting.length >= this.#options.queueLimit) throw new PasswordQueueFull();
      // Whoever finishes hands its turn on.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** One password has one form, whatever keyboard it was typed on (RFC 8265 section 4.2, OpaqueString). */
function normalise(password: string): string {
  return password.normalize('NFC');
}
