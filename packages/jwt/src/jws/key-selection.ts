/**
 * Which key of a set answers for a token: by key id, never by anything else in the token (RFC 7515 section 4.1.4).
 */
import type { Algorithm } from '../algorithms.ts';
import { JwtError, refusal } from '../errors.ts';
import { isKey, type Key } from '../keys/key.ts';

/** A fixed set of keys, indexed once. */
export class LocalKeys {
  readonly #byId = new Map<string, Key>();
  readonly #withoutId: Key[] = [];
  readonly size: number;

  /** @throws {TypeError} for no key; {JwtError} `key_duplicate_id` for two keys of one id. */
  constructor(keys: Key | readonly Key[]) {
    const list: readonly Key[] = isKey(keys) ? [keys] : keys;
    if (!Array.isArray(list) || list.length === 0) throw new TypeError('keys: at least one key is needed');
    for (const key of list) {
      if (!isKey(key)) throw new TypeError('keys: each must come from importKey, generateKey or parseJwks');
      if (key.kid === undefined) this.#withoutId.push(key);
      else if (this.#byId.has(key.kid)) throw new JwtError('key_duplicate_id', { member: 'kid' });
      else this.#byId.set(key.kid, key);
    }
    this.size = list.length;
  }

  [Symbol.iterator](): Iterator<Key> {
    return [...this.#byId.values(), ...this.#withoutId][Symbol.iterator]();
  }

  /**
   * The key with this id and algorithm. Without `kid`, the only key of that algorithm. A lone key that was imported without an
   * id answers to every id: whoever configured it said that this is the key.
   *
   * @throws {JwtError} `kid_missing` when several keys could be meant.
   */
  find(kid: string | undefined, alg: string): Key | undefined {
    if (kid !== undefined) {
      const key = this.#byId.get(kid) ?? (this.size === 1 ? this.#withoutId[0] : undefined);
      return key?.alg === alg ? key : undefined;
    }
    let found: Key | undefined;
    for (const key of this) {
      if (key.alg !== alg) continue;
      if (found !== undefined) throw refusal('kid_missing', { member: 'kid' });
      found = key;
    }
    return found;
  }
}

/** The algorithms of a rule, as a set of exact names. @throws {TypeError} for none, or for an unknown one. */
export function algorithmSet(
  algorithms: readonly Algorithm[],
  isKnown: (value: unknown) => boolean,
): ReadonlySet<string> {
  if (!Array.isArray(algorithms) || algorithms.length === 0)
    throw new TypeError('algorithms: at least one must be named');
  for (const name of algorithms)
    if (!isKnown(name)) throw new TypeError(`algorithms: ${JSON.stringify(name)} is not supported`);
  return new Set<string>(algorithms);
}
