/** Header fields that a route sets and removes, in requests and in responses. Names are compared folded, as everywhere (`header-rules.ts`). */
import type { HeaderEditsConfig } from '../config/forwarding-schema.ts';
import { foldHeaderName } from './header-rules.ts';

export class HeaderEdits {
  readonly #removed: ReadonlySet<string>;
  readonly #added: readonly string[];

  constructor({ set = {}, remove = [] }: HeaderEditsConfig) {
    this.#removed = new Set([...Object.keys(set), ...remove].map(foldHeaderName));
    this.#added = Object.entries(set).flatMap(([name, value]) => [name.toLowerCase(), value]);
  }

  /** Whether it sets or removes a field of this name. */
  touches(name: string): boolean {
    return this.#removed.has(foldHeaderName(name));
  }

  /** @param fields - Name, value, name, value; changed in place. */
  apply(fields: string[]): void {
    let kept = 0;
    for (let index = 0; index < fields.length; index += 2) {
      const name = fields[index] ?? '';
      if (this.#removed.has(foldHeaderName(name))) continue;
      fields[kept] = name;
      fields[kept + 1] = fields[index + 1] ?? '';
      kept += 2;
    }
    fields.length = kept;
    for (const text of this.#added) fields.push(text);
  }
}
