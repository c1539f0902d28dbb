/**
 * Limits on attempts: how often something may be tried in a span of time, by a key. Counted in the database, so that all issuer processes
 * count together and a restart forgets nothing; an attempt is counted before it is made, so that many at once are not one.
 *
 * Knows nothing of logins: which keys an attempt counts for, its user says.
 */
import type { Runtime } from '../runtime.ts';
import type { MacKey } from '../secrets/mac.ts';
import { query } from '../store/query.ts';
import type { Store, Transaction } from '../store/store.ts';

export interface Limit {
  readonly attempts: number;
  readonly perMs: number;
}

/** What an attempt counts for. The holder stands in the database as a keyed hash. */
export interface Counted {
  readonly kind: string;
  readonly holder: string;
  readonly limit: Limit;
}

/** Too many. The caller answers 429 and says when to come back. */
export class TooManyAttempts extends Error {
  override readonly name = 'TooManyAttempts';
  /** Which limit: a word from a fixed set. */
  readonly kind: string;
  readonly retryAfterSeconds: number;
  /** Whether this attempt is the first beyond the limit in its span: worth telling once. */
  readonly isFirst: boolean;

  constructor(kind: string, retryAfterSeconds: number, isFirst: boolean) {
    super('too many attempts; try again later');
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
    this.isFirst = isFirst;
  }
}

const count = query((db, p: { key: string; now: number; ends: number }) =>
  db
    .insertInto('attempt_count')
    .values({ key: p.key, attempts: 1, ends_ms: p.ends })
    .onConflict((c) =>
      c.column('key').doUpdateSet((e) => ({
        attempts: e
          .case()
          .when('attempt_count.ends_ms', '<=', p.now)
          .then(1)
          .else(e('attempt_count.attempts', '+', 1))
          .end(),
        ends_ms: e
          .case()
          .when('attempt_count.ends_ms', '<=', p.now)
          .then(p.ends)
          .else(e.ref('attempt_count.ends_ms'))
          .end(),
      })),
    )
    .returning(['attempts', 'ends_ms']),
);

const giveBack = query((db, p: { key: string }) =>
  db
    .updateTable('attempt_count')
    .set((e) => ({ attempts: e('attempts', '-', 1) }))
    .where('key', '=', p.key)
    .where('attempts', '>', 0),
);

const forget = query((db, p: { key: string }) => db.deleteFrom('attempt_count').where('key', '=', p.key));

export class AttemptLimits {
  readonly #store: Store;
  readonly #key: MacKey;
  readonly #runtime: Runtime;

  constructor(store: Store, key: MacKey, runtime: Runtime) {
    this.#store = store;
    this.#key = key;
    this.#runtime = runtime;
  }

  /**
   * Counts an attempt for each. One that finds a limit used up is counted all the same, unless attempts that are under way might yet make
   * room: then it counts for none, and may ask again.
   *
   * @param underWay - How many others are under way for it, whose count may be given back. Default: none.
   * @returns the limit that may yet have room; undefined when the attempt may be made.
   * @throws {TooManyAttempts} for the first of them that is used up.
   */
  async take(counted: readonly Counted[], underWay: (used: Counted) => number = () => 0): Promise<Counted | undefined> {
    const now = this.#runtime.nowMs();
    const { full, mayHaveRoom } = await this.#store.write(async (tx) => {
      const rows: { used: Counted; attempts: number; endsMs: number }[] = [];
      // In one order, so that two who count for the same keys wait for each other and no more.
      for (const used of counted.toSorted((a, b) => (this.#keyOf(a) < this.#keyOf(b) ? -1 : 1))) {
        const row = await tx.first(count, { key: this.#keyOf(used), now, ends: now + used.limit.perMs });
        if (row !== undefined) rows.push({ used, attempts: row.attempts, endsMs: row.ends_ms });
      }
      const full = rows.filter(({ used, attempts }) => attempts > used.limit.attempts);
      const mayHaveRoom = full.every(({ used, attempts }) => attempts - underWay(used) <= used.limit.attempts);
      if (mayHaveRoom && full.length > 0) await this.giveBack(tx, counted);
      return { full, mayHaveRoom };
    });
    const [first] = full;
    if (first === undefined) return undefined;
    const { used, attempts, endsMs } = first;
    if (mayHaveRoom) return used;
    const waitSeconds = Math.max(1, Math.ceil((endsMs - now) / 1000));
    throw new TooManyAttempts(used.kind, waitSeconds, attempts === used.limit.attempts + 1);
  }

  /** The attempt was a good one: it counts for none of them. */
  async giveBack(tx: Transaction, counted: readonly Counted[]): Promise<void> {
    for (const key of counted.map((used) => this.#keyOf(used)).sort()) await tx.run(giveBack, { key });
  }

  /** The attempt was not made. */
  async undo(counted: readonly Counted[]): Promise<void> {
    await this.#store.write((tx) => this.giveBack(tx, counted));
  }

  /** The holder has shown who they are: what was counted is forgotten. */
  async forget(tx: Transaction, counted: Counted): Promise<void> {
    await tx.run(forget, { key: this.#keyOf(counted) });
  }

  #keyOf({ kind, holder }: Counted): string {
    return `${kind}:${this.#key.of(`${kind}\n${holder}`).subarray(0, 16).toString('base64url')}`;
  }
}
