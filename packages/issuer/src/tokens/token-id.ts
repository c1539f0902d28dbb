/**
 * The id of an access token (`jti`, RFC 7519 section 4.1.7): random, and the token's place in the status lists, which the token names anyway.
 * So whoever has the id alone finds the row by its key: an index of ids, written with every grant, would be paid for by all tokens
 * to find the few that are revoked. ADR 24.
 *
 * The random part is what nobody can guess; the place is what no other token ever has.
 */
import type { Runtime } from '../runtime.ts';
import type { StatusPlace } from './status-index.ts';

const RANDOM_BYTES = 12;
/** Of a list's number, and of an index in it. */
const PLACE_BYTES = 3;
const PATTERN = /^[\w-]{24}$/u;

export function createTokenId({ list, index }: StatusPlace, runtime: Runtime): string {
  const id = Buffer.alloc(RANDOM_BYTES + 2 * PLACE_BYTES);
  id.set(runtime.random(RANDOM_BYTES));
  id.writeUIntBE(list, RANDOM_BYTES, PLACE_BYTES);
  id.writeUIntBE(index, RANDOM_BYTES + PLACE_BYTES, PLACE_BYTES);
  return id.toString('base64url');
}

/** Where a token of this id would stand; the row there says whether it does. Undefined where no token has such an id. */
export function placeInTokenId(id: string): StatusPlace | undefined {
  if (!PATTERN.test(id)) return undefined;
  const bytes = Buffer.from(id, 'base64url');
  return {
    list: bytes.readUIntBE(RANDOM_BYTES, PLACE_BYTES),
    index: bytes.readUIntBE(RANDOM_BYTES + PLACE_BYTES, PLACE_BYTES),
  };
}
