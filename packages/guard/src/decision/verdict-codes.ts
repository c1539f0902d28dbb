/**
 * What a client may be told: the public codes, each with its HTTP status and its RFC 6750 error.
 *
 * Few on purpose. Why a token was refused (a signature, an audience, a revocation) is for operators and stands in the trace;
 * a client gets one answer for all of it, so that refusals teach nothing about keys (ATTACKS.md T23).
 */

/** One public code. */
export interface VerdictCodeEntry {
  readonly status: 400 | 401 | 403 | 503;
  /** RFC 9457 `detail`, and what to do about it. */
  readonly detail: string;
  /** `error` of the challenge, RFC 6750 section 3.1; undefined where there must be none. */
  readonly challengeError:
    | 'invalid_request'
    | 'invalid_token'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | 'insufficient_scope'
    | undefined;
}

/** Each code. `docs/errors.md` is generated from this table. */
export const VERDICT_CODES = {
  token_missing: {
    status: 401,
    detail: 'This resource needs an access token: send it as `Authorization: Bearer <token>`.',
    // "SHOULD NOT include an error code" when nothing was presented (RFC 6750 section 3.1).
    challengeError: undefined,
  },
  invalid_request: {
    status: 400,
    detail: 'Send exactly one access token, as `Authorization: Bearer <token>` with one space.',
    challengeError: 'invalid_request',
  },
  invalid_token: {
    status: 401,
    detail: 'The access token is malformed, expired, revoked or not meant for this resource. Get a new one.',
    challengeError: 'invalid_token',
  },
  invalid_dpop_proof: {
    status: 401,
    detail:
      'The DPoP proof is missing, malformed, too old, used before, or made for another request, token or key. Make a new one.',
    // RFC 9449 section 7.1.
    challengeError: 'invalid_dpop_proof',
  },
  use_dpop_nonce: {
    status: 401,
    detail: 'The DPoP proof needs a nonce of this server: make it again with the value of `DPoP-Nonce`.',
    // RFC 9449 section 9.
    challengeError: 'use_dpop_nonce',
  },
  token_unbound: {
    status: 401,
    detail:
      'This resource takes only access tokens that are bound to a key of their sender, by DPoP or a client certificate, as its challenge says.',
    challengeError: 'invalid_token',
  },
  cross_site_request: {
    status: 403,
    detail:
      'The access token came as a cookie, with a request of another site’s page. Send it from a page of this origin.',
    challengeError: undefined,
  },
  insufficient_scope: {
    status: 403,
    detail: 'The access token lacks a scope that this resource needs; the challenge names it.',
    challengeError: 'insufficient_scope',
  },
  insufficient_role: {
    status: 403,
    detail: 'The access token lacks a role that this resource needs.',
    challengeError: 'insufficient_scope',
  },
  insufficient_claims: {
    status: 403,
    detail: 'The access token is not one for which this resource is open.',
    challengeError: 'insufficient_scope',
  },
  condition_unmet: {
    status: 403,
    detail: 'This request is not allowed with this access token.',
    challengeError: 'insufficient_scope',
  },
  temporarily_unavailable: {
    status: 503,
    detail: 'The access token may be fine, but cannot be checked at the moment. Try again later with the same token.',
    // Not the client's fault, so no challenge: a 401 would make clients throw good tokens away (RFC 9110 section 15.6.4).
    challengeError: undefined,
  },
} as const satisfies Record<string, VerdictCodeEntry>;

/** A code of {@link VERDICT_CODES}: stable, sent as `code` in the problem body. */
export type GuardCode = keyof typeof VERDICT_CODES;
