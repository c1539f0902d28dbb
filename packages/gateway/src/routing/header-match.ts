/**
 * Which requests a route is for, by their header fields: an exact value, the beginning of one, or that the field is there at all.
 *
 * Asked of the fields that may go upstream, so that what is matched is what is forwarded; of a field that is repeated, every value must hold. No
 * regular expressions. How routes with conditions rank stands in `route-table.ts`.
 */

/** One of the three. Names in lower case; values compared octet by octet. */
export type HeaderCondition =
  | { readonly name: string; readonly kind: 'exact' | 'prefix'; readonly value: string }
  | { readonly name: string; readonly kind: 'present' };

/** Whether all conditions hold. @param fields - Name, value, name, value. */
export function headersHold(conditions: readonly HeaderCondition[], fields: readonly string[]): boolean {
  for (const condition of conditions) if (!holds(condition, fields)) return false;
  return true;
}

function holds(condition: HeaderCondition, fields: readonly string[]): boolean {
  const { name } = condition;
  let found = false;
  for (let index = 0; index < fields.length; index += 2) {
    const each = fields[index]!;
    if (each.length !== name.length || each.toLowerCase() !== name) continue;
    if (!admits(condition, fields[index + 1]!)) return false;
    found = true;
  }
  return found;
}

function admits(condition: HeaderCondition, value: string): boolean {
  if (condition.kind === 'present') return true;
  return condition.kind === 'exact' ? value === condition.value : value.startsWith(condition.value);
}

/**
 * Negative where `left` comes first: more conditions before fewer, then more exact values, then longer beginnings. Zero says that neither is more
 * specific than the other.
 */
export function compareConditions(left: readonly HeaderCondition[], right: readonly HeaderCondition[]): number {
  return (
    right.length - left.length ||
    countOf(right, 'exact') - countOf(left, 'exact') ||
    prefixLength(right) - prefixLength(left)
  );
}

const countOf = (conditions: readonly HeaderCondition[], kind: HeaderCondition['kind']): number =>
  conditions.filter((condition) => condition.kind === kind).length;

function prefixLength(conditions: readonly HeaderCondition[]): number {
  let length = 0;
  for (const condition of conditions) if (condition.kind === 'prefix') length += condition.value.length;
  return length;
}

/** Whether some request could meet both. */
export function conditionsMeet(left: readonly HeaderCondition[], right: readonly HeaderCondition[]): boolean {
  return left.every((one) => right.every((other) => one.name !== other.name || valuesMeet(one, other)));
}

function valuesMeet(one: HeaderCondition, other: HeaderCondition): boolean {
  if (one.kind === 'present' || other.kind === 'present') return true;
  if (one.kind === 'exact') return admits(other, one.value);
  return admits(one, other.value) || (other.kind === 'prefix' && one.value.startsWith(other.value));
}

/** For people: `x-api-version: 2`, `accept: application/vnd.*`, `x-beta: *`. */
export function describeCondition(condition: HeaderCondition): string {
  if (condition.kind === 'present') return `${condition.name}: *`;
  return `${condition.name}: ${condition.value}${condition.kind === 'prefix' ? '*' : ''}`;
}

/** All of them; undefined where there are none. */
export function describeConditions(conditions: readonly HeaderCondition[]): readonly string[] | undefined {
  return conditions.length === 0 ? undefined : conditions.map(describeCondition);
}
