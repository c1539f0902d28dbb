/** Entry point `@sealgate/jwt/claims`: the rules for claims, one by one. They trust the caller to have verified. Runs in a browser. */
export { claimOf, type Claims } from '../claims/claims.ts';
export { applySchema, type ClaimsSchema } from '../claims/standard-schema.ts';
export { assertAudience, assertRequiredClaims, assertStringClaims } from '../claims/strings.ts';
export {
  assertIssuedAt,
  assertTimeClaims,
  MAX_NUMERIC_DATE,
  numericDate,
  readClock,
  type TimeRules,
} from '../claims/time.ts';
export { assertTyp, normaliseTyp } from '../claims/typ.ts';
