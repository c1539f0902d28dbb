/** Takes over what a reload leaves as it was: a part whose settings are the same is the same object, with all that it counted. */

/** By which settings each part was made. Secrets print alike, so no settings that hold one may be compared so. */
const SETTINGS = new WeakMap<object, string>();

export class Kept<Part extends object> {
  readonly #previous: ReadonlyMap<string, Part>;

  /** @param previous - Parts of the state before, by the name they are asked for again. */
  constructor(previous: Iterable<readonly [name: string, part: Part]>) {
    this.#previous = new Map(previous);
  }

  get(name: string, settings: unknown, make: () => Part): Part {
    const text = JSON.stringify(settings);
    const before = this.#previous.get(name);
    if (before !== undefined && SETTINGS.get(before) === text) return before;
    const part = make();
    SETTINGS.set(part, text);
    return part;
  }
}
