/**
 * Path patterns of routes: literal segments, `*` or `{name}` for one segment, `**` at the end for the rest.
 *
 * A pattern without `**` also matches with one trailing slash, and `/a/**` also matches `/a`: frameworks answer both from the same
 * handler, so a rule for one that did not hold for the other would be a hole. Requests come here canonical (`canonical-path.ts`).
 */
import { canonicalTarget } from '../request/canonical-path.ts';

export interface PathPattern {
  /** As written in the configuration, in canonical form. */
  readonly text: string;
  /** Literal text, or `*`, which `{name}` is too. Without the final `**`. */
  readonly segments: readonly string[];
  /** What the author calls each segment; undefined where it has no name. */
  readonly names: readonly (string | undefined)[];
  /** True when the pattern ends in `**`. */
  readonly rest: boolean;
}

export type PatternFault = 'no_leading_slash' | 'rest_not_last' | 'wildcard_in_segment' | 'not_canonical' | 'has_query';

const NAMED = /^\{([a-zA-Z][a-zA-Z0-9_]*)\}$/u;

/** Parses a route's `path`. Returns what is wrong instead of throwing: the config loader says where it stands. */
export function parsePattern(text: string): PathPattern | PatternFault {
  if (!text.startsWith('/')) return 'no_leading_slash';
  if (text.includes('?')) return 'has_query';
  const written = text.slice(1).split('/');
  const names = written.map((part) => NAMED.exec(part)?.[1]);
  const parts = written.map((part) => (NAMED.test(part) ? '*' : part));
  const rest = parts.at(-1) === '**';
  if (rest) parts.pop();
  if (parts.includes('**')) return 'rest_not_last';
  if (parts.some((part) => part !== '*' && part.includes('*'))) return 'wildcard_in_segment';
  const literal = `/${parts.map((part) => (part === '*' ? 'x' : part)).join('/')}`;
  const canonical = canonicalTarget(literal);
  if (!canonical.ok || canonical.path !== literal) return 'not_canonical';
  const segments = parts.length === 1 && parts[0] === '' ? [] : parts;
  if (segments.at(-1) === '') segments.pop();
  return { text, segments, names: names.slice(0, segments.length), rest };
}

/** Whether every path of `inner` is one of `outer`. */
export function covers(outer: PathPattern, inner: PathPattern): boolean {
  const [most, least] = [inner.segments.length, outer.segments.length];
  if (outer.rest ? most < least : inner.rest || most !== least) return false;
  return outer.segments.every((segment, index) => segment === '*' || segment === inner.segments[index]);
}

/** What to tell the author of a faulty pattern. */
export const PATTERN_ADVICE: Readonly<Record<PatternFault, string>> = {
  no_leading_slash: 'must begin with "/"',
  rest_not_last: '"**" stands only at the end, as in "/orders/**"',
  wildcard_in_segment: '"*" stands for one whole segment, as in "/orders/*/items"',
  not_canonical: 'no request can have this path: write it without "..", "//", ";", "\\" and needless escapes',
  has_query: 'the query takes no part in matching: leave out "?"',
};
