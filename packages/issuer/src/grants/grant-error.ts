/**
 * Why a grant is refused, in the words of RFC 6749 section 5.2. `reason` is for the log; `description` may be told to anyone who asks,
 * so it says nothing about users, tokens or other clients.
 */

export type GrantErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'temporarily_unavailable';

export class GrantError extends Error {
  override readonly name = 'GrantError';
  readonly code: GrantErrorCode;
  /** For the log: a word from a fixed set. */
  readonly reason: string | undefined;

  constructor(code: GrantErrorCode, description: string, reason?: string) {
    super(description);
    this.code = code;
    this.reason = reason;
  }
}
