/**
 * The one path of a request: what routes are matched against and what the upstream is sent, the same string (ATTACKS.md G1).
 *
 * Takes the request target as it stood on the request line, origin form only (RFC 9112 section 3.2.1). What two readers could take
 * for different paths is refused, not repaired: dot segments, empty segments, backslashes, `;` parameters, escaped delimiters,
 * an escaped `%` (double encoding), control characters, invalid UTF-8. What has several spellings of one meaning (RFC 3986
 * section 6.2.2) is brought to one: escapes of characters that may stand as themselves are undone, the rest get upper-case digits.
 * The query is not touched, but must consist of printable ASCII without `#`.
 */

export type PathFault =
  | 'not_origin_form'
  | 'empty_segment'
  | 'dot_segment'
  | 'forbidden_character'
  | 'malformed_escape'
  | 'forbidden_escape'
  | 'invalid_utf8'
  | 'forbidden_query_character';

export type CanonicalTarget =
  | {
      readonly ok: true;
      /** Canonical path, without the query. */
      readonly path: string;
      /** Path and query as forwarded. The same string object as the input when nothing had to change. */
      readonly target: string;
    }
  | { readonly ok: false; readonly fault: PathFault };

const FORBIDDEN = 0;
const PLAIN = 1;
const SLASH = 2;
const PERCENT = 3;
const QUESTION = 4;

/** What each ASCII character means in a path: pchar of RFC 3986 section 3.3 without `;`. */
const PATH_CLASS = classify("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@");

function classify(plain: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of plain) table[character.charCodeAt(0)] = PLAIN;
  table['/'.charCodeAt(0)] = SLASH;
  table['%'.charCodeAt(0)] = PERCENT;
  table['?'.charCodeAt(0)] = QUESTION;
  return table;
}

const DOT = 0x2e;
const refused = (fault: PathFault): CanonicalTarget => ({ ok: false, fault });

/** Canonical form of a request target, or what makes it ambiguous. Never throws. */
export function canonicalTarget(target: string): CanonicalTarget {
  const length = target.length;
  if (length === 0 || target.charCodeAt(0) !== 0x2f) return refused('not_origin_form');
  let segmentStart = 1;
  let index = 1;
  for (; index < length; index++) {
    const code = target.charCodeAt(index);
    const kind = code < 256 ? PATH_CLASS[code] : FORBIDDEN;
    if (kind === PLAIN) continue;
    if (kind === SLASH) {
      if (index === segmentStart) return refused('empty_segment');
      if (isDotSegment(target, segmentStart, index)) return refused('dot_segment');
      segmentStart = index + 1;
    } else if (kind === PERCENT) {
      return withEscapes(target);
    } else if (kind === QUESTION) {
      break;
    } else {
      return refused('forbidden_character');
    }
  }
  if (isDotSegment(target, segmentStart, index)) return refused('dot_segment');
  if (index === length) return { ok: true, path: target, target };
  if (!isQuery(target, index + 1)) return refused('forbidden_query_character');
  return { ok: true, path: target.slice(0, index), target };
}

function isDotSegment(path: string, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0 || length > 2 || path.charCodeAt(start) !== DOT) return false;
  return length === 1 || path.charCodeAt(start + 1) === DOT;
}

function isQuery(target: string, start: number): boolean {
  for (let index = start; index < target.length; index++) {
    const code = target.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f || code === 0x23) return false;
  }
  return true;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The slow way, for targets that hold a `%`: undo what may stand as itself, keep the rest in upper case, then judge anew. */
function withEscapes(target: string): CanonicalTarget {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  let canonical = '';
  let escaped: number[] = [];
  for (let index = 0; index < path.length; index++) {
    if (path.charCodeAt(index) !== 0x25) {
      if (!isUtf8(escaped)) return refused('invalid_utf8');
      escaped = [];
      canonical += path[index];
      continue;
    }
    const octet = hexOctet(path, index + 1);
    if (octet === -1) return refused('malformed_escape');
    index += 2;
    if (octet < 0x80) {
      if (!isUtf8(escaped)) return refused('invalid_utf8');
      escaped = [];
      if (isForbiddenEscape(octet)) return refused('forbidden_escape');
      canonical += PATH_CLASS[octet] === PLAIN ? String.fromCharCode(octet) : escape(octet);
    } else {
      escaped.push(octet);
      canonical += escape(octet);
    }
  }
  if (!isUtf8(escaped)) return refused('invalid_utf8');
  return judge(canonical, question === -1 ? '' : target.slice(question));
}

/** `/ \ % ; ? #` and control characters: an upstream that decodes once, or twice, would see another path. */
function isForbiddenEscape(octet: number): boolean {
  if (octet < 0x20 || octet === 0x7f) return true;
  return octet === 0x2f || octet === 0x5c || octet === 0x25 || octet === 0x3b || octet === 0x3f || octet === 0x23;
}

function judge(path: string, query: string): CanonicalTarget {
  const segments = path.split('/');
  for (let index = 1; index < segments.length; index++) {
    const segment = segments[index] ?? '';
    if (segment === '' && index !== segments.length - 1) return refused('empty_segment');
    if (segment === '.' || segment === '..') return refused('dot_segment');
  }
  for (let index = 0; index < path.length; index++) {
    const code = path.charCodeAt(index);
    if (code >= 256 || PATH_CLASS[code] === FORBIDDEN) return refused('forbidden_character');
  }
  if (query !== '' && !isQuery(query, 1)) return refused('forbidden_query_character');
  return { ok: true, path, target: path + query };
}

function isUtf8(octets: readonly number[]): boolean {
  if (octets.length === 0) return true;
  try {
    UTF8.decode(Uint8Array.from(octets));
    return true;
  } catch {
    return false;
  }
}

const escape = (octet: number): string => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;

function hexOctet(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high === -1 || low === -1 ? -1 : high * 16 + low;
}

/** Value of a hexadecimal digit, or -1, also for the NaN past the end. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const upper = code & ~0x20;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1;
}
