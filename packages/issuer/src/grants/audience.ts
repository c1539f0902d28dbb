/** Whom a token is for: the client's audiences, or the one resource of them that was asked for (RFC 8707 section 2). */
import { GrantError } from './grant-error.ts';

/** @throws {GrantError} `invalid_target`. */
export function grantedAudience(
  resource: string | undefined,
  clientAudiences: readonly string[],
  defaultAudience: readonly string[],
): readonly string[] {
  const allowed = clientAudiences.length > 0 ? clientAudiences : defaultAudience;
  if (resource === undefined) return allowed;
  if (!allowed.includes(resource)) throw new GrantError('invalid_target', 'the resource is not one of this client');
  return [resource];
}
