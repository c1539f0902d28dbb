/** Entry point `@sealgate/jwt/lint`: advice about tokens and keys. Runs in a browser. */
export type { Finding, Severity } from '../lint/finding.ts';
export { lintJwk } from '../lint/lint-key.ts';
export { lintToken, type LintTokenOptions } from '../lint/lint-token.ts';
export { guessableBits, isKnownSecret } from '../lint/secret-strength.ts';
