/**
 * Lists of names (scopes, roles) as tokens carry them, each kept once.
 *
 * Thousands of tokens carry the same few lists. Sharing them saves memory, and on the hot path the time to fetch each token's own
 * copy from it. Bounded: a flood of different lists costs sharing, nothing else.
 */

const MAX_LISTS = 2000;
const NONE: readonly string[] = Object.freeze([]);

export class NameLists {
  readonly #lists = new Map<string, readonly string[]>();

  /** `scope` is one string of space-separated values (RFC 8693 section 4.2); some issuers write an array. */
  readScopes(value: unknown): readonly string[] {
    return typeof value === 'string' ? this.#shared(value) : this.readNames(value);
  }

  /** An array of strings, whole or not at all: half of a malformed list is no list. */
  readNames(value: unknown): readonly string[] {
    if (!Array.isArray(value)) return NONE;
    let text = '';
    let isSpaced = false;
    // A loop: `every` and `join` take a slow way through what is frozen, as all claims are.
    for (let index = 0; index < value.length; index++) {
      const name: unknown = value[index];
      if (typeof name !== 'string') return NONE;
      isSpaced ||= name.includes(' ');
      text = index === 0 ? name : `${text} ${name}`;
    }
    // A name with a space in it cannot share a key with two names.
    return isSpaced ? Object.freeze([...(value as string[])]) : this.#shared(text);
  }

  /** What is in any of the lists, each name once. One list comes back as it is. */
  join(parts: readonly (readonly string[])[]): readonly string[] {
    let only = NONE;
    for (const part of parts) {
      if (part.length === 0) continue;
      if (only.length > 0) return this.readNames([...new Set(parts.flat())]);
      only = part;
    }
    return only;
  }

  #shared(text: string): readonly string[] {
    const known = this.#lists.get(text);
    if (known !== undefined) return known;
    const names = Object.freeze(text.split(' ').filter((name) => name !== ''));
    if (this.#lists.size >= MAX_LISTS) this.#lists.clear();
    this.#lists.set(text, names);
    return names;
  }
}
