/**
 * `GuardError`: the one error class of this package.
 *
 * A refused request is not an error but a `Verdict` (`decision/verdict.ts`). No message here ever holds a token, a secret or an
 * unverified claim.
 */
import { GUARD_ERROR_CODES, type GuardErrorCode } from './error-codes.ts';

/** What is known beside the code. Every field is safe to log. */
export interface GuardErrorDetails {
  /** What exactly was wrong, in one sentence; in place of the text of the code. */
  readonly detail?: string;
  /** The member of the options or policy at fault, as `issuers.main.url`. */
  readonly path?: string;
  /** HTTP status, where an answer was the cause. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** Branch on `code`, never on `message`. */
export class GuardError extends Error {
  override readonly name = 'GuardError';
  readonly code: GuardErrorCode;
  readonly path: string | undefined;
  readonly status: number | undefined;

  constructor(code: GuardErrorCode, details: GuardErrorDetails = {}) {
    const where = details.path === undefined ? '' : `${details.path}: `;
    super(
      `${where}${details.detail ?? GUARD_ERROR_CODES[code].message}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.path = details.path;
    this.status = details.status;
  }

  /** What to do about it: one sentence. */
  get remedy(): string {
    return GUARD_ERROR_CODES[this.code].remedy;
  }
}
