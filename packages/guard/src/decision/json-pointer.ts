/**
 * JSON Pointer (RFC 6901) over verified claims, compiled once.
 *
 * Own members only: a pointer never reaches a prototype (ATTACKS.md T22).
 */
import { GuardError } from '../errors.ts';
import { isJsonObject } from '../json.ts';

/** The reference tokens of a pointer, unescaped. The empty list is the whole document. */
export type JsonPointer = readonly string[];

const ARRAY_INDEX = /^(?:0|[1-9][0-9]{0,8})$/;

/**
 * @param text - `/realm_access/roles`; `~0` stands for `~`, `~1` for `/` (RFC 6901 section 3).
 * @param path - Where the pointer was written, for the error.
 * @throws {GuardError} `policy_invalid`.
 */
export function parseJsonPointer(text: string, path: string): JsonPointer {
  if (text === '') return [];
  if (!text.startsWith('/')) {
    throw new GuardError('policy_invalid', { path, detail: `"${text}" is not a JSON Pointer: it must start with "/"` });
  }
  if (/~(?![01])/.test(text)) {
    throw new GuardError('policy_invalid', {
      path,
      detail: `"${text}" is not a JSON Pointer: "~" must be written "~0"`,
    });
  }
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at `pointer`, or undefined where there is none. */
export function readPointer(document: unknown, pointer: JsonPointer): unknown {
  let value = document;
  for (const token of pointer) {
    if (Array.isArray(value)) {
      if (!ARRAY_INDEX.test(token)) return undefined;
      value = value[Number(token)];
    } else if (isJsonObject(value) && Object.hasOwn(value, token)) {
      value = value[token];
    } else {
      return undefined;
    }
  }
  return value;
}
