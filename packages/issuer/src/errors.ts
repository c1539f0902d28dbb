/**
 * The failures of the issuer: one class, one table of codes. Not the answers it gives over HTTP: `http/oauth-errors.ts` and
 * `http/problems.ts` say what a client is told, which is often less.
 */

/** Every code, with what it means and what to do. `docs/errors.md` is made from this table. */
export const ISSUER_ERROR_CODES = {
  audit_check_under_way:
    'The audit is being checked, and reading all of it twice at a time helps nobody. Ask again when that is done.',
  client_exists: 'A client with this id exists already. Choose another id, or change the existing client.',
  changed_meanwhile: 'The record is not as it was when it was read. Read it again, and decide again.',
  beyond_tenant: 'An administrator of one tenant asked for what is not that tenant’s.',
  built_in: 'The record is the issuer’s own. It can be disabled, and no more.',
  client_invalid: 'The client record contradicts itself. The message says which member, and why.',
  client_public: 'The client is a public one, and has no secret.',
  client_secret_last: 'A client with a secret keeps one. Add another first, or disable the client.',
  client_secret_unknown: 'The client has no secret of this id.',
  client_secrets_full: 'The client has two secrets that count. Remove the one that is not in use.',
  client_unknown: 'No client has this id.',
  database_newer:
    'The database was written by a version of which this one knows nothing. Start that version or a later one.',
  database_unavailable: 'The database cannot be reached or failed while answering. The cause says how; try again.',
  database_url_invalid: 'The database address is neither `sqlite:PATH` nor `postgres://...`.',
  key_unknown: 'No signing key has this kid.',
  key_transition_refused: 'The signing key is in a state from which the asked-for state cannot be reached.',
  key_algorithm_unused: 'No access token is signed with this algorithm: see accessToken.algorithm and algorithmFor.',
  listen_failed: 'The issuer cannot listen on its address. The cause says why: in use, not permitted, not local.',
  master_key_missing: 'The master key cannot be read. The database cannot be opened without the key that sealed it.',
  master_key_malformed: 'The master key is not 32 bytes in base64url.',
  master_key_exposed: 'The master key file can be read by others. Take their permissions away: chmod 600.',
  mail_unavailable:
    'No link can be mailed: the configuration has no section `mail`, or the name of the user is no address. Set a password instead.',
  migration_failed: 'A step that brings the database up to date failed, and none was applied. The message says why.',
  session_unknown: 'No session that has not ended has this id.',
  signing_key_unavailable:
    'No key of the algorithm can sign here. The message says whether the configuration misses its key store, or which key is needed.',
  password_filter_invalid:
    'The filter of breached passwords cannot be read, or is none. Make it with `sealgate passwords`.',
  password_list_invalid: 'The list of password hashes has a line that is none. The message says which.',
  password_unacceptable: 'The password is too short, too common, or known from a breach. The message says which.',
  sealed_data_rejected: 'Sealed data does not open: another master key sealed it, or it was altered.',
  token_unknown: 'No access token that has not expired has this jti, or the text is none of ours.',
  unit_retries_exhausted: 'A transaction met others on the same rows each time it was tried. Try again.',
  user_exists: 'A user with this name exists already.',
  user_invalid: 'The user record is not acceptable. The message says which member, and why.',
  user_unknown: 'No user has this name or subject.',
} as const;

export type IssuerErrorCode = keyof typeof ISSUER_ERROR_CODES;

/** A failure of the issuer. `message` says what was wrong and where; it never holds a secret, a token or a password. */
export class IssuerError extends Error {
  override readonly name = 'IssuerError';
  readonly code: IssuerErrorCode;

  constructor(code: IssuerErrorCode, detail?: string, options?: { readonly cause?: unknown }) {
    super(detail ?? ISSUER_ERROR_CODES[code], options);
    this.code = code;
  }
}
