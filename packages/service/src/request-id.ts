/**
 * The id that ties a request's log lines, its error answer and its upstream call together. A caller's own id is kept if it is harmless:
 * it ends up in logs and headers.
 */
import { randomUUID } from 'node:crypto';

/** The header that carries it, in and out. */
export const REQUEST_ID_HEADER = 'x-request-id';

const ACCEPTABLE = /^[A-Za-z0-9._-]{8,64}$/u;

/**
 * @param inbound - The value of `x-request-id`, if the caller sent exactly one.
 * @param make - Makes a new id. Default: a random UUID.
 */
export function requestId(inbound: string | undefined, make: () => string = randomUUID): string {
  return inbound !== undefined && ACCEPTABLE.test(inbound) ? inbound : make();
}
