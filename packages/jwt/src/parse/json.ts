/**
 * Strict JSON for headers, claims and key sets: bytes in, deeply frozen value out (`json-reader.ts` says what strict is).
 * Runs in a browser.
 */
import { JwtError, orThrow, refusal, type TokenPart } from '../errors.ts';
import { readJson } from './json-reader.ts';
import { DEFAULT_LIMITS, type ParseLimits } from './limits.ts';

/** Any value of JSON (RFC 8259 section 3). */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object of JSON: own members only, none named twice (RFC 8259 section 4). */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** What is said of a value that is no object. */
type NotAnObject = 'json_invalid' | 'claims_not_object' | 'jwks_malformed';

/**
 * Parses one JSON value. The result is frozen at every depth.
 *
 * @throws {JwtError} `json_invalid`, `json_duplicate_member`, `json_too_complex`.
 */
export function parseJson(bytes: Uint8Array, part: TokenPart, limits: ParseLimits = DEFAULT_LIMITS): JsonValue {
  return orThrow(readJson(bytes, part, limits));
}

/** As `parseJson`, and the value must be an object. @throws {JwtError} also `code` when it is not. */
export function parseJsonObject(
  bytes: Uint8Array,
  part: TokenPart,
  limits: ParseLimits = DEFAULT_LIMITS,
  code: NotAnObject = 'json_invalid',
): JsonObject {
  return orThrow(readJsonObject(bytes, part, limits, code));
}

/** As `parseJsonObject`, with the refusal as a value. */
export function readJsonObject(
  bytes: Uint8Array,
  part: TokenPart,
  limits: ParseLimits,
  code: NotAnObject,
): JsonObject | JwtError {
  const value = readJson(bytes, part, limits);
  if (value instanceof JwtError || isJsonObject(value)) return value;
  return refusal(code, { part, reason: 'not a JSON object' });
}

/** Whether a value is an object of JSON: neither an array nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
