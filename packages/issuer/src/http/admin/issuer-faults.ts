/** What the administration answers where the issuer refuses: each code of the issuer's that a request can cause, as an answer with a status. */
import { IssuerError, type IssuerErrorCode } from '../../errors.ts';
import { answeringPasswordFaults } from '../password-faults.ts';
import { FirstPartyError, type FirstPartyCode } from '../problems.ts';

const ANSWERS: Partial<Readonly<Record<IssuerErrorCode, FirstPartyCode>>> = {
  client_invalid: 'invalid_request',
  user_invalid: 'invalid_request',
  key_algorithm_unused: 'invalid_request',
  client_unknown: 'not_found',
  client_secret_unknown: 'not_found',
  key_unknown: 'not_found',
  session_unknown: 'not_found',
  token_unknown: 'not_found',
  user_unknown: 'not_found',
  built_in: 'conflict',
  client_exists: 'conflict',
  client_public: 'conflict',
  client_secret_last: 'conflict',
  client_secrets_full: 'conflict',
  key_transition_refused: 'conflict',
  mail_unavailable: 'conflict',
  user_exists: 'conflict',
  changed_meanwhile: 'precondition_failed',
  audit_check_under_way: 'temporarily_unavailable',
};

/** @throws {FirstPartyError} And whatever else `work` throws. */
export async function answeringIssuerFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await answeringPasswordFaults(work);
  } catch (error) {
    const code = error instanceof IssuerError ? ANSWERS[error.code] : undefined;
    if (code === undefined || !(error instanceof IssuerError)) throw error;
    throw new FirstPartyError(code, error.message, { reason: error.code });
  }
}
