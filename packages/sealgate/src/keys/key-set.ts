/** The entries of a JWK set (RFC 7517 section 5), before anything in them is believed. */
import type { JwkLike } from '@sealgate/jwt';
import { unreadable } from '../command-error.ts';

const MOST_KEYS = 1000;

/** @throws {CommandError} `input_unreadable`. */
export function keysOfSet({ keys }: { readonly keys: unknown }, name: string): readonly JwkLike[] {
  if (!Array.isArray(keys)) throw unreadable(name, '"keys" is not a list');
  if (keys.length > MOST_KEYS) throw unreadable(name, `it has ${keys.length} keys; ${MOST_KEYS} are read`);
  return keys.map((key: unknown, index) => {
    if (typeof key !== 'object' || key === null || Array.isArray(key))
      throw unreadable(name, `key ${index} is no object`);
    return { ...key };
  });
}
