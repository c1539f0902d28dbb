/**
 * Strict JSON for headers, claims and key sets: bytes in, deeply frozen value out.
 *
 * `JSON.parse` keeps the last of two equal names and says nothing. Here the members of the text are counted before (`json-scan.ts`)
 * and those of the value after: fewer in the value means that a name was repeated, whatever way it was spelled. That costs
 * nothing beside a parser of our own, and keeps the engine's native one. Runs in a browser.
 */
import { refusal, type TokenPart } from '../errors.ts';
import { countMembers, duplicateMemberError } from './json-scan.ts';
import { DEFAULT_LIMITS, type ParseLimits } from './limits.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

// The bytes are known to be valid UTF-8 by then; `ignoreBOM` keeps a mark visible instead of dropping it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses one JSON value. The result is frozen at every depth.
 *
 * @throws {JwtError} `json_invalid`, `json_duplicate_member`, `json_too_complex`.
 */
export function parseJson(bytes: Uint8Array, part: TokenPart, limits: ParseLimits = DEFAULT_LIMITS): JsonValue {
  const members = countMembers(bytes, part, limits);
  const value = JSON.parse(decoder.decode(bytes)) as JsonValue;
  if (freezeAndCount(value, part) !== members) throw duplicateMemberError(bytes, part, limits);
  return value;
}

/** As `parseJson`, and the value must be an object. @throws {JwtError} also `code` when it is not. */
export function parseJsonObject(
  bytes: Uint8Array,
  part: TokenPart,
  limits: ParseLimits = DEFAULT_LIMITS,
  code: 'json_invalid' | 'claims_not_object' | 'jwks_malformed' = 'json_invalid',
): JsonObject {
  const value = parseJson(bytes, part, limits);
  if (!isJsonObject(value)) throw refusal(code, { part, reason: 'not a JSON object' });
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function freezeAndCount(value: JsonValue, part: TokenPart): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[])
      if (typeof item === 'object') members += freezeAndCount(item, part);
  } else {
    const object = value as JsonObject;
    const names = Object.keys(object);
    members = names.length;
    for (const name of names) {
      // An own member of this name turns a later copy of the object into one with another prototype.
      if (name === '__proto__') throw refusal('json_invalid', { part, reason: 'a member is named __proto__' });
      const item = object[name];
      if (typeof item === 'object') members += freezeAndCount(item, part);
    }
  }
  Object.freeze(value);
  return members;
}
