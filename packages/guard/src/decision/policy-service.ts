/**
 * Asks a policy service over HTTP whether a request may pass: the data API of the Open Policy Agent (`POST /v1/data/<rule>`).
 *
 * It is sent the verified claims and the request, never the token. Only `true`, or an object whose `allow` is `true`, admits; a rule
 * without a result does not. When no answer can be had, the failure mode decides: `deny` is 503, as nobody can tell now.
 */
import type { VerifiedClaims } from './principal.ts';
import type { RequestView } from './request-view.ts';

export type PolicyAnswer = 'allow' | 'deny' | 'unknown';

export interface PolicyService {
  /** What an answer that cannot be had is worth. */
  readonly onFailure: 'deny' | 'allow';
  /** Never rejects. */
  ask(claims: VerifiedClaims, request: RequestView): Promise<PolicyAnswer>;
}
