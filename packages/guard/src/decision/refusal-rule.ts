/** Which rule of the decision a refused token failed, for the trace. */
import type { JwtErrorCode } from '@sealgate/jwt';
import type { DecisionRule } from './trace.ts';

/** Every code that verification gives, and its rule; whatever else there may be failed on its form. */
const RULES: Partial<Record<JwtErrorCode, DecisionRule>> = {
  issuer_unknown: 'issuer',
  algorithm_not_allowed: 'key',
  kid_missing: 'key',
  key_unknown: 'key',
  keys_unavailable: 'key',
  signature_invalid: 'signature',
  typ_mismatch: 'verified claims',
  claim_missing: 'verified claims',
  claim_malformed: 'verified claims',
  claim_mismatch: 'verified claims',
  claims_rejected: 'verified claims',
  audience_mismatch: 'verified claims',
  token_expired: 'verified claims',
  token_not_yet_valid: 'verified claims',
  token_issued_in_future: 'verified claims',
  token_too_old: 'verified claims',
};

export function ruleOfRefusal(code: JwtErrorCode): DecisionRule {
  return RULES[code] ?? 'parse';
}
