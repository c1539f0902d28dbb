/** What is said when a password cannot be taken or hashed. */
import { IssuerError } from '../errors.ts';
import { GrantError } from '../grants/grant-error.ts';
import { PasswordQueueFull } from '../users/passwords.ts';
import { FirstPartyError } from './problems.ts';

/** @throws {FirstPartyError} `password_unacceptable`. @throws {GrantError} `temporarily_unavailable`. And whatever else `work` throws. */
export async function answeringPasswordFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof IssuerError && error.code === 'password_unacceptable') {
      throw new FirstPartyError('password_unacceptable', error.message);
    }
    if (error instanceof PasswordQueueFull) {
      throw new GrantError('temporarily_unavailable', 'too many logins at this moment; try again shortly');
    }
    throw error;
  }
}
