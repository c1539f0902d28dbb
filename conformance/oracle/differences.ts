/**
 * Where our answers may differ from the oracle's, and why. Everything else must be equal; and a difference that is listed here but not
 * seen any more fails too, so that this table stays true.
 */
import type { OracleAnswer } from './world.ts';

export interface Difference {
  readonly because: string;
  readonly ours: Partial<OracleAnswer>;
  readonly theirs: Partial<OracleAnswer>;
  /** `GROUP: NAME` of each case it is about. */
  readonly cases: readonly string[];
}

const refused = (status: number, error?: string): Partial<OracleAnswer> => ({ status, error });

export const DIFFERENCES: readonly Difference[] = [
  {
    because:
      'RFC 6749 section 5.2: `invalid_client` covers "unknown client, no client authentication included, or unsupported authentication method"; a malformed one is none that we support',
    ours: refused(401, 'invalid_client'),
    theirs: refused(400, 'invalid_request'),
    cases: [
      'client authentication: nothing',
      'client authentication: client_secret alone',
      'client authentication: empty secret, basic',
      'client authentication: empty client id, basic',
      'client authentication: basic without a colon',
      'client authentication: basic with a broken percent-encoding',
      'client authentication: basic that is not base64',
      'client authentication: basic with nothing after it',
      'client authentication: basic with two parts after it',
      'client authentication: basic with invalid UTF-8',
      'client authentication: bearer',
      'client authentication: digest',
      'client authentication: a client assertion of an unknown type',
      'refresh: without a client',
      'introspection: nobody asks',
      'revocation: nobody asks',
    ],
  },
  {
    because: 'RFC 6749 section 3.2: parameters "MUST NOT be included more than once", whether known or not',
    ours: refused(400, 'invalid_request'),
    theirs: { status: 200 },
    cases: ['token endpoint: a parameter nobody knows, repeated'],
  },
  {
    because: 'RFC 6749 appendix B: the body is form-urlencoded UTF-8; what does not decode has no one meaning',
    ours: refused(400, 'invalid_request'),
    theirs: { status: 200 },
    cases: ['token endpoint: a broken percent-encoding'],
  },
  {
    because: 'the same: they replace what is not UTF-8, and then find the replacement character in the scope',
    ours: refused(400, 'invalid_request'),
    theirs: refused(400, 'invalid_scope'),
    cases: ['token endpoint: percent-encoded bytes that are not UTF-8', 'token endpoint: raw bytes that are not UTF-8'],
  },
  {
    because: 'RFC 9110 section 15.5.14 has a status for it; the code is the same',
    ours: refused(413, 'invalid_request'),
    theirs: refused(400, 'invalid_request'),
    cases: ['token endpoint: 2 MB'],
  },
  {
    because: 'RFC 9110 section 15.5.16 has a status for it; the code is the same',
    ours: refused(415, 'invalid_request'),
    theirs: refused(400, 'invalid_request'),
    cases: [
      'token endpoint: JSON',
      'token endpoint: plain text',
      'token endpoint: no content type',
      'token endpoint: multipart',
      'introspection: JSON',
      'revocation: JSON',
    ],
  },
  {
    because: 'RFC 9110 section 15.5.6: the resource is there, the method is not',
    ours: refused(405),
    theirs: refused(404),
    cases: [
      'token endpoint: GET',
      'token endpoint: PUT',
      'token endpoint: DELETE',
      'introspection: GET',
      'revocation: GET',
    ],
  },
  {
    because: 'RFC 6749 section 5.2: `unauthorized_client` is the code for a client that may not use a grant',
    ours: refused(400, 'unauthorized_client'),
    theirs: refused(400, 'invalid_request'),
    cases: [
      'token endpoint: client credentials of a client that may not',
      'token endpoint: client credentials of a public client',
      'refresh: by a client that may not refresh',
    ],
  },
  {
    because:
      'RFC 6749 section 3.3 lets a server ignore what it does not grant or refuse it: we refuse, so that nobody works with less than was asked for',
    ours: refused(400, 'invalid_scope'),
    theirs: { status: 200 },
    cases: ['token endpoint: an unknown scope', 'token endpoint: a known and an unknown scope'],
  },
  {
    because:
      'a retry within the window gets the same successor while that is unused: a lost answer or a second tab is no theft',
    ours: { status: 200 },
    theirs: refused(400, 'invalid_grant'),
    cases: ['refresh: again, the successor unused'],
  },
  {
    because:
      'RFC 7662 section 2.1 asks for authorization of the caller: a client that may introspect nothing is told so, not that every token is dead',
    ours: refused(400, 'unauthorized_client'),
    theirs: { status: 200, active: false },
    cases: ['introspection: a public client asks', 'introspection: a client asks that may not'],
  },
  {
    because: 'RFC 7009 section 2.1: "the request is refused and the client is informed of the error"',
    ours: refused(400, 'invalid_request'),
    theirs: { status: 200 },
    cases: ['revocation: an access token of another client', 'revocation: a refresh token of another client'],
  },
];
