/** What a reload changes, for the log and the admin call: places and values, secrets by their reference only. */

export interface ConfigChange {
  /** JSON Pointer-like place; routes by name instead of position. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
}

type Members = ReadonlyMap<string, unknown>;

/** Places that differ, the smallest that say it. */
export function diffConfig(before: unknown, after: unknown, path = ''): ConfigChange[] {
  const [left, right] = [membersOf(before), membersOf(after)];
  if (left === undefined || right === undefined) {
    return JSON.stringify(before) === JSON.stringify(after)
      ? []
      : [{ path: path === '' ? '/' : path, change: 'changed' }];
  }
  const changes: ConfigChange[] = [];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const place = `${path}/${name}`;
    if (!right.has(name)) changes.push({ path: place, change: 'removed' });
    else if (!left.has(name)) changes.push({ path: place, change: 'added' });
    else changes.push(...diffConfig(left.get(name), right.get(name), place));
  }
  return changes;
}

function membersOf(value: unknown): Members | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  if (!value.every((item) => typeof item === 'object' && item !== null && 'path' in item)) return undefined;
  return new Map(value.map((item: { path: unknown; host?: unknown; methods?: unknown }) => [routeKey(item), item]));
}

function routeKey({ path, host, methods }: { path: unknown; host?: unknown; methods?: unknown }): string {
  const names = Array.isArray(methods) ? methods.join(',') : '*';
  return `${names} ${typeof host === 'string' ? host : ''}${String(path)}`;
}
