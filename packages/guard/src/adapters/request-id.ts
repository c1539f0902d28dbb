/** The id under which a refusal can be found in the logs: the caller's, if it is a sane one, or a new one. */
import { randomUUID } from 'node:crypto';

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

export function requestIdOf(header: string | null | undefined): string {
  return header !== null && header !== undefined && REQUEST_ID.test(header) ? header : randomUUID();
}
