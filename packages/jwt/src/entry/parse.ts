/** Entry point `@sealgate/jwt/parse`: reading tokens without verifying. Runs in a browser. */
export { ALGORITHMS, isAlgorithm, type Algorithm, type AlgorithmInfo } from '../algorithms.ts';
export { ERROR_CODES, type JwtErrorCode } from '../error-codes.ts';
export { isJwtError, JwtError, type JwtErrorDetails, type TokenPart } from '../errors.ts';
export { decodeBase64Url, encodeBase64Url } from '../parse/base64url.ts';
export { assertJwsHeader, isKeyId, type JoseHeader } from '../parse/header.ts';
export { isJsonObject, parseJson, parseJsonObject, type JsonObject, type JsonValue } from '../parse/json.ts';
export { DEFAULT_LIMITS, type ParseLimits } from '../parse/limits.ts';
export { decodeUnverified, type UnverifiedJwt } from '../parse/unverified.ts';
