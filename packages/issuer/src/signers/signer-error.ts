/**
 * The failures of keys that live elsewhere: in a PKCS#11 token or in a cloud's key store. One class, one table of codes, the same
 * codes whichever store it is, so that an operator's alarm need not know which one is in use.
 *
 * No message ever holds a PIN, a credential or a signature. The error of the store's own client is not kept as `cause`: such
 * objects carry requests with their authorization headers.
 */

/** Every code, with what it means and what to do. */
export const SIGNER_ERROR_CODES = {
  answer_malformed: 'The key store answered with something that is not an answer of its protocol.',
  closed: 'The signer was closed.',
  credentials_refused:
    'The key store does not know the caller, or there are no credentials. Check them, and the region.',
  integrity_failed:
    'What came back is not what was asked for: a checksum, the key’s name or the signature itself is wrong.',
  key_ambiguous: 'Several keys fit the description. Name the one that is meant by its id.',
  key_mismatch: 'The key cannot make signatures of the configured algorithm. Configure the one it is for.',
  key_not_found: 'The key store has no such key.',
  key_not_permitted: 'The caller may not use the key. Grant it: reading the public key and signing.',
  key_unusable: 'The key exists but is disabled, scheduled for deletion, expired or not ready.',
  mechanism_unsupported: 'The token cannot make signatures of the configured algorithm.',
  message_too_large: 'The message is longer than the key store signs.',
  module_unloadable: 'The PKCS#11 module cannot be loaded. Check its path, and that it is built for this machine.',
  options_invalid: 'The options contradict each other. The message says which.',
  package_missing: 'The client of the key store is not installed. The message names the package.',
  pin_locked: 'The PIN is locked, expired or was never set. Have the token’s security officer set a new one.',
  pin_refused: 'The PIN is wrong. It is not tried again before a restart, lest the token lock it.',
  request_refused: 'The key store refuses the request itself. The message has its own name for the reason.',
  service_failed: 'The key store failed. The message has its own name for the failure.',
  throttled: 'The key store refuses so many requests. Ask for a higher quota, or issue fewer tokens.',
  timeout: 'The key store did not answer in time.',
  token_absent: 'No token of this label is in any slot. It is looked for again with the next signature.',
  token_ambiguous: 'Several tokens have this label. Name the one that is meant by its serial number.',
  token_lost: 'The token was removed or reset while it was in use. It is looked for again with the next signature.',
  unreachable: 'The key store cannot be reached: no such name, no route, connection refused, or TLS failed.',
} as const satisfies Readonly<Record<string, string>>;

/** A code of {@link SIGNER_ERROR_CODES}: stable, safe to branch on. */
export type SignerErrorCode = keyof typeof SIGNER_ERROR_CODES;

/** What a {@link SignerError} may carry beside its code. */
export interface SignerErrorDetails {
  /** Which key store and key, as `pkcs11:sealgate/2026-a`: what {@link SignerError.message} starts with. */
  readonly signer?: string;
  /** What was wrong, in one sentence; in place of the text of the code. */
  readonly detail?: string;
  /** The store's own name for it, as `CKR_DEVICE_REMOVED` or `ThrottlingException`. */
  readonly reason?: string;
  /** HTTP status, where an answer was the cause. */
  readonly status?: number;
}

/** Codes after which the same call can succeed without anybody doing something. */
const PASSING: ReadonlySet<SignerErrorCode> = new Set([
  'service_failed',
  'throttled',
  'timeout',
  'token_absent',
  'token_lost',
  'unreachable',
]);

/** A failure of a key store. Branch on `code`, never on `message`. */
export class SignerError extends Error {
  override readonly name = 'SignerError';
  readonly code: SignerErrorCode;
  readonly signer: string | undefined;
  readonly detail: string | undefined;
  readonly reason: string | undefined;
  readonly status: number | undefined;

  constructor(code: SignerErrorCode, details: SignerErrorDetails = {}) {
    const { signer, detail, reason, status } = details;
    const notes = [reason, status === undefined ? undefined : `HTTP ${status}`].filter((note) => note !== undefined);
    const prefix = signer === undefined ? '' : `${signer}: `;
    super(`${prefix}${detail ?? SIGNER_ERROR_CODES[code]}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`);
    this.code = code;
    this.signer = signer;
    this.detail = detail;
    this.reason = reason;
    this.status = status;
  }

  /** Whether the same call can succeed later without anybody doing something. */
  get passing(): boolean {
    return PASSING.has(this.code);
  }

  /** The same failure, saying which signer it was, if it does not yet. */
  of(signer: string): SignerError {
    if (this.signer !== undefined) return this;
    const { detail, reason, status } = this;
    return new SignerError(this.code, {
      signer,
      ...(detail === undefined ? {} : { detail }),
      ...(reason === undefined ? {} : { reason }),
      ...(status === undefined ? {} : { status }),
    });
  }
}
