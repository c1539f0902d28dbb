/**
 * `@sealgate/jwt`: JSON Web Tokens on Node: parse, keys, key sets, sign, verify.
 *
 * Rarer serializations, encryption, lint and the parts that run in a browser have entry points of their own (see package.json).
 */
export { ALGORITHMS, isAlgorithm, type Algorithm, type AlgorithmInfo } from './algorithms.ts';
export type { Claims } from './claims/claims.ts';
export type { ClaimsSchema } from './claims/standard-schema.ts';
export { ERROR_CODES, type JwtErrorCode } from './error-codes.ts';
export { isJwtError, JwtError, type JwtErrorDetails, type TokenPart } from './errors.ts';
export type { Signer, SignJwtOptions, ClaimsToSign } from './jws/sign-jwt.ts';
export { signJwt } from './jws/sign-jwt.ts';
export { verifyJws, type VerifiedJws, type VerifyJwsOptions } from './jws/verify-jws.ts';
export {
  exportJwk,
  exportPrivateDer,
  exportPrivateJwk,
  exportPrivatePem,
  exportPublicDer,
  exportPublicPem,
  exportSecret,
  publicKey,
} from './keys/export-key.ts';
export { generateKey, type GenerateKeyOptions } from './keys/generate.ts';
export { importKey, type ImportKeyOptions, type KeySource } from './keys/import-key.ts';
export { parseJwks, type ParsedJwks, type ParseJwksOptions, type RejectedKey } from './keys/jwks.ts';
export type { JwkLike, JwkPrivate, JwkPublic } from './keys/jwk.ts';
export { isKey, type Key } from './keys/key.ts';
export { thumbprint, thumbprintUri } from './keys/thumbprint.ts';
export type { JoseHeader } from './parse/header.ts';
export type { JsonObject, JsonValue } from './parse/json.ts';
export { DEFAULT_LIMITS, type ParseLimits } from './parse/limits.ts';
export { decodeUnverified, type UnverifiedJwt } from './parse/unverified.ts';
export { accessTokenProfile, type ProfileOptions } from './profiles/access-token.ts';
export {
  createVerifier,
  type CacheView,
  type RemoteVerifier,
  type Verifier,
  type VerifierOptions,
} from './verify/create-verifier.ts';
export type { Accepted, Outcome, Refused, VerifiedJwt } from './verify/outcome.ts';
export type { KeyResolver, TokenRules } from './verify/rules.ts';
export { createRemoteKeys, type RemoteKeys } from './remote/create-remote-keys.ts';
export type { FetchReport, RemoteKeysHooks, RemoteKeysOptions } from './remote/options.ts';
export type { EncryptionKey } from './jwe/encryption-key.ts';
export {
  decryptJwe,
  encryptJwe,
  type DecryptedJwe,
  type DecryptJweOptions,
  type EncryptJweOptions,
} from './jwe/jwe.ts';
export type { ContentEncryption, EncryptionAlgorithm } from './jwe/jwe-algorithms.ts';
export type { Finding, Severity } from './lint/finding.ts';
export { lintKey } from './lint/lint-local-key.ts';
export { lintToken, type LintTokenOptions } from './lint/lint-token.ts';
export { clientAssertionProfile, type ClientAssertionOptions } from './profiles/client-assertion.ts';
export { DPOP_ALGORITHMS, verifyDpopProof, type DpopOptions, type VerifiedDpopProof } from './profiles/dpop-proof.ts';
export { assertIdTokenBinding, idTokenProfile, type IdTokenBinding, type IdTokenOptions } from './profiles/id-token.ts';
export { LOGOUT_EVENT, logoutTokenProfile } from './profiles/logout-token.ts';
