/** Scopes (RFC 6749 section 3.3): a list of distinct words, and a request for no more than what may be had. */

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/u;

/**
 * The scope to grant: what was asked for, or all that is allowed if nothing was (RFC 6749 section 3.3: the default is documented).
 *
 * @returns `undefined` if the request is malformed or asks for more.
 */
export function grantedScope(requested: string | undefined, allowed: readonly string[]): readonly string[] | undefined {
  if (requested === undefined) return allowed;
  if (!SCOPE.test(requested)) return undefined;
  const words = [...new Set(requested.split(' '))];
  return words.every((word) => allowed.includes(word)) ? words : undefined;
}
