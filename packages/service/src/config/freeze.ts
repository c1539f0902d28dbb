/** Deep freezing of a loaded configuration: it is replaced whole by a reload, never changed in place. */

/** Freezes plain objects and arrays all the way down; instances of classes (a `Secret`) are frozen but not entered. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value) || prototype === Object.prototype || prototype === null) {
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
