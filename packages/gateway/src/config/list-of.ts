/** A setting that is absent, one thing, or a list of them, as a list. */
export function listOf<Item extends object>(setting: Item | readonly Item[] | undefined): readonly Item[] {
  if (setting === undefined) return [];
  return isList(setting) ? setting : [setting];
}

function isList<Item extends object>(setting: Item | readonly Item[]): setting is readonly Item[] {
  return Array.isArray(setting);
}
