/**
 * The `WWW-Authenticate` challenge (RFC 6750 section 3, RFC 9728 section 5.1), and every refusal of a policy, prepared.
 *
 * A refusal depends on the policy alone, never on the request or the token, so all of them are built when it is compiled.
 */
import { DPOP_ALGORITHMS } from '@sealgate/jwt';
import { GuardError } from '../errors.ts';
import type { CompiledRequirement } from './policy.ts';
import type { SenderConstraint, TokenScheme } from './sender-proof.ts';
import { VERDICT_CODES, type GuardCode, type VerdictCodeEntry } from './verdict-codes.ts';
import type { Denied } from './verdict.ts';

/** One frozen refusal for each public code. */
export type Denials = Readonly<Record<GuardCode, Denied>> & {
  /** For requests whose token came as DPoP: the same codes, challenged in that scheme (RFC 9449 section 7.1). */
  readonly dpop: Readonly<Record<GuardCode, Denied>>;
  /** For a DPoP-bound token that came as Bearer: `invalid_token`, and the scheme to use (RFC 9449 section 7.2). */
  readonly boundToKey: Denied;
};

export interface ChallengeOptions {
  readonly realm: string;
  readonly resourceMetadata: string | undefined;
  readonly scopes: CompiledRequirement | undefined;
  readonly senderConstrained: SenderConstraint | undefined;
}

/** When to come back after a 503: about as long as a lost feed takes to return. */
const RETRY_AFTER_SECONDS = 5;

export function prepareDenials(options: ChallengeOptions): Denials {
  const dpop = denialsIn('DPoP', options);
  const bearer = denialsIn('Bearer', options);
  const boundToKey = orDpop(bearer.invalid_token);
  const { senderConstrained } = options;
  // Where only DPoP will do, it is what clients are told of, whatever they sent.
  if (senderConstrained === 'dpop') return Object.freeze({ ...dpop, dpop, boundToKey: dpop.invalid_token });
  if (senderConstrained !== 'any') return Object.freeze({ ...bearer, dpop, boundToKey });
  const [token_missing, token_unbound] = [orDpop(bearer.token_missing), orDpop(bearer.token_unbound)];
  return Object.freeze({ ...bearer, token_missing, token_unbound, dpop, boundToKey });
}

/** The same, with the other scheme that would do. */
function orDpop(denied: Denied): Denied {
  return Object.freeze({ ...denied, challenge: `${denied.challenge}, DPoP algs="${DPOP_ALGORITHMS.join(' ')}"` });
}

function denialsIn(scheme: TokenScheme, options: ChallengeOptions): Readonly<Record<GuardCode, Denied>> {
  const deny = (code: GuardCode): Denied => {
    const { status } = VERDICT_CODES[code];
    return Object.freeze(
      status === 503
        ? { allow: false, status, code, retryAfterSeconds: RETRY_AFTER_SECONDS }
        : { allow: false, status, code, challenge: renderChallenge(scheme, code, options) },
    );
  };
  return Object.freeze({
    token_missing: deny('token_missing'),
    invalid_request: deny('invalid_request'),
    invalid_token: deny('invalid_token'),
    invalid_dpop_proof: deny('invalid_dpop_proof'),
    use_dpop_nonce: deny('use_dpop_nonce'),
    token_unbound: deny('token_unbound'),
    cross_site_request: deny('cross_site_request'),
    insufficient_scope: deny('insufficient_scope'),
    insufficient_role: deny('insufficient_role'),
    insufficient_claims: deny('insufficient_claims'),
    condition_unmet: deny('condition_unmet'),
    temporarily_unavailable: deny('temporarily_unavailable'),
  });
}

/** @throws {GuardError} `policy_invalid` unless the text can stand in a quoted string as it is. */
export function assertChallengeText(text: string, path: string): void {
  if (!/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(text)) {
    throw new GuardError('policy_invalid', {
      path,
      detail: 'may hold printable ASCII without quotes and backslashes only',
    });
  }
}

function renderChallenge(
  scheme: TokenScheme,
  code: GuardCode,
  { realm, resourceMetadata, scopes }: ChallengeOptions,
): string {
  const { challengeError }: VerdictCodeEntry = VERDICT_CODES[code];
  const parameters = [`realm="${realm}"`];
  if (challengeError !== undefined) parameters.push(`error="${challengeError}"`);
  if (code === 'insufficient_scope' && scopes !== undefined) {
    // What suffices, not what exists: all that must be there, and of the alternatives the first (RFC 6750 section 3).
    parameters.push(`scope="${[...scopes.all, ...scopes.any.slice(0, 1)].join(' ')}"`);
  }
  if (resourceMetadata !== undefined) parameters.push(`resource_metadata="${resourceMetadata}"`);
  if (scheme === 'DPoP') parameters.push(`algs="${DPOP_ALGORITHMS.join(' ')}"`);
  return `${scheme} ${parameters.join(', ')}`;
}
