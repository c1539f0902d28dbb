/**
 * Finds exactly one token in a request (RFC 6750 section 2.1, RFC 9449 section 7.1, ATTACKS.md G7).
 *
 * Cheap on purpose: what it hands on is one candidate, framed correctly. Whether the candidate is made of the characters a
 * bearer token may have is asked only once it was refused ({@link isBearerToken}), because nothing that verifies fails it.
 * Tokens in the query or the body are never read (RFC 9700 section 4.3.2).
 */
import type { RequestFacts } from './verdict.ts';

/** What a request carries. */
export type FoundToken =
  /** Exactly one candidate, as a bearer token: by far the most frequent, so it comes without a wrapper. */
  | string
  /** Exactly one candidate, under the scheme DPoP. */
  | DpopToken
  /** No credentials at all. */
  | typeof NO_CREDENTIALS
  /** Credentials of a scheme that is neither Bearer nor DPoP. Not a token; but not absent either (ATTACKS.md G8). */
  | typeof OTHER_SCHEME
  /** More than one token, or a field that is not `Bearer <token>`. */
  | typeof MALFORMED;

/** A token that came as `Authorization: DPoP <token>`. */
export interface DpopToken {
  readonly token: string;
}

export const NO_CREDENTIALS = Symbol('no credentials');
export const OTHER_SCHEME = Symbol('other scheme');
export const MALFORMED = Symbol('malformed');

/**
 * @param cookieName - The cookie that may carry the token, where the policy allows one.
 */
export function findToken(facts: RequestFacts, cookieName: string | undefined): FoundToken {
  const { authorization } = facts;
  if (cookieName !== undefined && facts.cookie !== undefined && facts.cookie.length > 0) {
    const cookie = findCookie(facts.cookie, cookieName);
    // "Clients MUST NOT use more than one method to transmit the token in each request" (RFC 6750 section 2).
    if (cookie !== NO_CREDENTIALS) return authorization.length === 0 ? cookie : MALFORMED;
  }
  if (authorization.length === 0) return NO_CREDENTIALS;
  if (authorization.length > 1) return MALFORMED;
  return readAuthorization(authorization[0]!);
}

/** Whether the text is a `b64token` (RFC 6750 section 2.1). */
export function isBearerToken(text: string): boolean {
  return /^[A-Za-z0-9._~+/-]+=*$/.test(text);
}

function readAuthorization(value: string): FoundToken {
  if (beginsWithBearer(value)) return readToken(value, 'Bearer'.length);
  if (!/^dpop/i.test(value)) return OTHER_SCHEME;
  const token = readToken(value, 'DPoP'.length);
  return typeof token === 'string' ? { token } : token;
}

/** The scheme, in any case (RFC 9110 section 11.1), exactly one space, the rest. */
function readToken(value: string, schemeLength: number): string | typeof OTHER_SCHEME | typeof MALFORMED {
  if (value.length === schemeLength) return MALFORMED;
  if (value.charCodeAt(schemeLength) !== 0x20) {
    // `Bearer\t…`, `Bearer=…`: a Bearer field gone wrong. `Bearers …`: another scheme.
    return /^[A-Za-z0-9!#$%&'*+.^_`|~-]/.test(value.slice(schemeLength)) ? OTHER_SCHEME : MALFORMED;
  }
  const start = schemeLength + 1;
  // A second space, a tab or a comma anywhere: `Bearer  x`, `Bearer a b`, `Bearer a, Bearer b`.
  if (value.length === start || value.includes(' ', start) || value.includes('\t', start) || value.includes(',', start))
    return MALFORMED;
  return value.slice(start);
}

/** By character codes, as this runs for every request. Setting bit 5 makes an ASCII letter lower case, and no other a letter of these. */
function beginsWithBearer(value: string): boolean {
  return (
    value.length >= 6 &&
    (value.charCodeAt(0) | 0x20) === 0x62 &&
    (value.charCodeAt(1) | 0x20) === 0x65 &&
    (value.charCodeAt(2) | 0x20) === 0x61 &&
    (value.charCodeAt(3) | 0x20) === 0x72 &&
    (value.charCodeAt(4) | 0x20) === 0x65 &&
    (value.charCodeAt(5) | 0x20) === 0x72
  );
}

/** The one cookie of that name (RFC 6265 section 5.4); twice is as ambiguous as two headers. */
function findCookie(fields: readonly string[], name: string): string | typeof NO_CREDENTIALS | typeof MALFORMED {
  let found: string | undefined;
  for (const field of fields) {
    for (const pair of field.split(';')) {
      const equals = pair.indexOf('=');
      if (equals === -1 || pair.slice(0, equals).trim() !== name) continue;
      if (found !== undefined) return MALFORMED;
      found = pair.slice(equals + 1).trim();
    }
  }
  if (found === undefined) return NO_CREDENTIALS;
  return isBearerToken(found) ? found : MALFORMED;
}
