/**
 * W3C Trace Context (Recommendation of 23 November 2021): `traceparent` and `tracestate`, read strictly and written.
 *
 * Pure. Whether a caller's word counts is decided in `tracer.ts`.
 */

export interface TraceParent {
  /** 32 hexadecimal digits in lower case, not all zero. */
  readonly traceId: string;
  /** The caller's span: 16 digits, not all zero. */
  readonly parentId: string;
  readonly sampled: boolean;
}

/** Section 3.2: version, trace, parent, flags. What a later version adds stands behind another `-`. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/u;
const NO_TRACE = '0'.repeat(32);
const NO_PARENT = '0'.repeat(16);

/** @param value - The one field value; undefined where there is none, or more than one. */
export function parseTraceparent(value: string | undefined): TraceParent | undefined {
  const [, version, traceId, parentId, flags, more] = TRACEPARENT.exec(value ?? '') ?? [];
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (traceId === NO_TRACE || parentId === NO_PARENT) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** In version 00, which every reader knows. Flags of other versions than "sampled" are not passed on: nothing is known of them. */
export function formatTraceparent({ traceId, parentId, sampled }: TraceParent): string {
  return `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`;
}

/** Section 3.3.1.3: a name, or a tenant and a system. */
const STATE_KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/u;
/** Printable ASCII without "," and "=", not ending in a blank. */
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/u;
const MOST_MEMBERS = 32;
/** Vendors need not keep more than 512 characters (section 3.3.1.5); a longer one is passed on as long as a header may well be. */
const LONGEST_STATE = 4096;

/**
 * The list as it may go on: its members in order, without blanks around them and without empty ones.
 *
 * @param values - Every value of the field, in order.
 * @returns undefined where there is none, or where any of it is malformed: then all of it is dropped, which harms no trace.
 */
export function parseTracestate(values: readonly string[]): string | undefined {
  const members: string[] = [];
  const keys = new Set<string>();
  for (const part of values.join(',').split(',')) {
    const member = part.replace(/^[ \t]+|[ \t]+$/gu, '');
    if (member === '') continue;
    const equals = member.indexOf('=');
    const key = member.slice(0, Math.max(0, equals));
    if (!STATE_KEY.test(key) || !STATE_VALUE.test(member.slice(equals + 1)) || keys.has(key)) return undefined;
    keys.add(key);
    members.push(member);
  }
  const text = members.join(',');
  return members.length === 0 || members.length > MOST_MEMBERS || text.length > LONGEST_STATE ? undefined : text;
}
