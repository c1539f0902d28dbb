/** Where in a request the token is: exactly one `Authorization: Bearer TOKEN`. */
import type { IncomingMessage } from 'node:http';
import type { FaultName } from './faults.ts';

export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous' };

export function findCredentials(request: IncomingMessage, faults: ReadonlySet<FaultName>): Credentials {
  const values = request.headersDistinct.authorization ?? [];
  const [value] = values;
  if (value === undefined) {
    const query = new URL(request.url ?? '/', 'http://leaky.test').searchParams;
    // FAULT token-in-query
    return faults.has('token-in-query') ? credentials(query.get('access_token')) : { kind: 'none' };
  }
  // FAULT first-authorization
  if (values.length > 1 && !faults.has('first-authorization')) return { kind: 'ambiguous' };
  const token = /^bearer ([\w.~+/=-]+)$/iu.exec(value)?.[1];
  return token === undefined ? { kind: 'ambiguous' } : { kind: 'token', token };
}

function credentials(token: string | null): Credentials {
  return token === null ? { kind: 'none' } : { kind: 'token', token };
}
