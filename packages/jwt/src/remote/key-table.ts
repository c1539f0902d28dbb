/**
 * The keys of a remote set as they stand: looked up by id and algorithm, replaced whole, distrusted one by one.
 *
 * A key that is unchanged in a new set stays the same object, so tokens cached under it stay; a key that is gone or changed is
 * no longer current, and its cached tokens go with it.
 */
import { refusal } from '../errors.ts';
import { sameKey, type Key } from '../keys/key.ts';

export class KeyTable {
  #byId = new Map<string, Key>();
  #all: ReadonlySet<Key> = new Set();
  readonly #distrusted = new Set<string>();

  get keys(): readonly Key[] {
    return [...this.#all];
  }

  has(key: Key): boolean {
    return this.#all.has(key);
  }

  isDistrusted(kid: string): boolean {
    return this.#distrusted.has(kid);
  }

  /** @throws {JwtError} `kid_missing` when a token without key id could mean several keys. */
  find(kid: string | undefined, alg: string): Key | undefined {
    if (kid !== undefined) {
      const key = this.#byId.get(kid);
      return key?.alg === alg ? key : undefined;
    }
    const fitting = [...this.#all].filter((key) => key.alg === alg);
    if (fitting.length > 1) throw refusal('kid_missing', { member: 'kid' });
    return fitting[0];
  }

  /** Puts `keys` in place of all there were. Distrusted ids stay out. */
  replace(keys: readonly Key[]): { readonly added: readonly string[]; readonly removed: readonly string[] } {
    const before = this.keys;
    const trusted = keys.filter((key) => key.kid === undefined || !this.#distrusted.has(key.kid));
    const after = trusted.map((key) => before.find((old) => sameKey(old, key)) ?? key);
    this.#all = new Set(after);
    this.#byId = new Map(after.flatMap((key) => (key.kid === undefined ? [] : [[key.kid, key]])));
    return {
      added: after.filter((key) => !before.includes(key)).map((key) => key.kid ?? ''),
      removed: before.filter((key) => !this.#all.has(key)).map((key) => key.kid ?? ''),
    };
  }

  /** Removes the key of this id and never takes it back. */
  distrust(kid: string): { readonly added: readonly string[]; readonly removed: readonly string[] } {
    this.#distrusted.add(kid);
    return this.replace(this.keys);
  }
}
